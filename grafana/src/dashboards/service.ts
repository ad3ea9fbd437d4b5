/** *Service*: one service in depth, from its requests down to its process, database and cache. */
import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { attributes } from '@microshop/topology';
import { board } from '../panels/board.ts';
import { answered503, labelOfLine, tracesLink, variableOfBoard } from '../panels/links.ts';
import { stat } from '../panels/stat.ts';
import { answerLimits, failureLimits } from '../panels/thresholds.ts';
import { timeSeries } from '../panels/time-series.ts';
import { units } from '../panels/units.ts';
import { oneOfLabel } from '../panels/variable.ts';
import * as database from '../queries/database.ts';
import * as service from '../queries/service.ts';

/** Traces through the service that is shown. */
const ofService = (failed: boolean) =>
  tracesLink({
    title: failed ? 'Traces that the service answered with 503' : 'Traces of the service',
    service: variableOfBoard('service'),
    ...(failed ? { having: answered503.byApp } : {}),
  });

/** Traces of the route of the line. */
const ofRoute = tracesLink({
  title: 'Traces of this route',
  service: variableOfBoard('service'),
  operation: `${labelOfLine('http_request_method')} ${labelOfLine('http_route')}`,
});

/** Traces of the request whose spans the line is about. */
const ofSpan = tracesLink({
  title: 'Traces of this request',
  service: variableOfBoard('service'),
  operation: labelOfLine('span_name'),
});

/** Traces with a call that failed with the class of the line. */
const ofClass = tracesLink({
  title: 'Traces with such a call',
  service: variableOfBoard('service'),
  having: { attribute: attributes.errorClass, value: labelOfLine('shop_error_class') },
});

/** The event loop's delay: a timer's own grain is 10 ms; from a second on requests are refused. Seconds. */
const delayLimits = { warn: 0.1, bad: 1 };

/** One core is all that JavaScript can use. */
const busyLimits = { warn: 0.7, bad: 0.9 };

/** A connection should lie ready; over a quarter of a second the pool is too small or the database too slow. Seconds. */
const waitLimits = { warn: 0.05, bad: 0.25 };

/** The dashboard. */
export function serviceInDepth(): Dashboard {
  return board({
    uid: 'service',
    title: 'Service',
    description:
      'One service: requests, calls to peers, process, database and cache; every line leads to traces.',
    variables: [
      oneOfLabel(
        {
          name: 'service',
          label: 'Service',
          description: 'The service that is shown.',
          of: `nodejs_eventloop_utilization_ratio{${service.shopServices}}`,
          labelName: service.serviceLabel,
        },
        'orders',
      ),
    ],
  })
    .withRow(new RowBuilder('Requests'))
    .withPanel(
      stat({
        title: 'Requests',
        description: 'Requests answered per second, as the app counts them behind its sidecar.',
        unit: units.requestsPerSecond,
        query: { expr: service.answered, legend: 'requests' },
        whenEmpty: 'no requests',
      }),
    )
    .withPanel(
      stat({
        title: 'Failed',
        description: 'Share of them that were 5xx. Answers of the sidecar instead of the app are in Mesh.',
        unit: units.share,
        query: { expr: service.failedShare, legend: 'failed' },
        limits: failureLimits,
        whenEmpty: 'no requests',
      }),
    )
    .withPanel(
      stat({
        title: 'Time to answer, p95',
        description: '95 of 100 requests are answered within this time, measured by the app.',
        unit: units.seconds,
        query: { expr: service.answerTime(0.95), legend: 'p95' },
        limits: answerLimits,
        whenEmpty: 'no requests',
      }),
    )
    .withPanel(
      stat({
        title: 'Event loop busy',
        description: 'Share of the time in which JavaScript runs. Near 100 % requests wait for each other.',
        unit: units.share,
        query: { expr: service.loopBusy, legend: '{{instance}}' },
        limits: busyLimits,
        whenEmpty: 'not running',
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Rate by route',
        description: 'Requests answered per second on each route.',
        unit: units.requestsPerSecond,
        queries: [{ expr: service.answeredByRoute, legend: service.routeLegend }],
        stacked: true,
        links: [ofRoute],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Failed by route',
        description: 'Share of the answers of each route that were 5xx.',
        unit: units.share,
        queries: [{ expr: service.failedShareByRoute, legend: service.routeLegend }],
        limits: failureLimits,
        links: [ofService(true)],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Time to answer by request, p95',
        description:
          'From the spans of the app. A dot is one request; it leads to its trace. The lines are the limit of one attempt (yellow) and the order’s deadline (red).',
        unit: units.seconds,
        queries: [{ expr: service.spanTime(0.95), legend: '{{span_name}}', exemplars: true }],
        limits: answerLimits,
        links: [ofSpan],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Refused unseen',
        description:
          'Requests that got 503 overloaded at once: the event loop is behind, or queries wait for a connection.',
        unit: units.requestsPerSecond,
        queries: [{ expr: service.refused, legend: '{{shop_shed_reason}}' }],
      }),
    )
    .withRow(new RowBuilder('Calls to peers'))
    .withPanel(
      timeSeries({
        title: 'Time of a call, p95',
        description:
          'With all its attempts, as the app sees it. No line for a service that calls no other. The lines are the limit of one attempt and the order’s deadline.',
        unit: units.seconds,
        queries: [{ expr: service.callTime(0.95), legend: 'to {{server_address}}' }],
        limits: answerLimits,
        links: [ofService(false)],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Failed calls by class',
        description:
          'Calls that got no usable answer, and those an open breaker refused; the class is the code the client gets.',
        unit: units.requestsPerSecond,
        queries: [{ expr: service.callFailures, legend: '{{shop_peer}} {{shop_error_class}}' }],
        links: [ofClass],
      }),
    )
    .withRow(new RowBuilder('Process'))
    .withPanel(
      timeSeries({
        title: 'CPU',
        description: 'CPU used by each process, all its threads. JavaScript itself can use one core.',
        unit: units.cores,
        queries: [{ expr: service.cpu, legend: '{{instance}}' }],
        width: 6,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Event loop delay',
        description:
          'How late timers fire: a request waits that long before it is handled. From one second on, requests are refused.',
        unit: units.seconds,
        queries: [
          { expr: service.loopDelay('p50'), legend: '{{instance}} p50' },
          { expr: service.loopDelay('p99'), legend: '{{instance}} p99' },
        ],
        limits: delayLimits,
        width: 6,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Garbage collection',
        description:
          'Share of the time spent on it, by kind. Major collections that take long mean memory is short.',
        unit: units.share,
        queries: [{ expr: service.gcShare, legend: '{{v8js_gc_type}}' }],
        stacked: true,
        width: 6,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Memory',
        description:
          'All memory of each process, and what of its heap is in use. A heap that only grows is a leak.',
        unit: units.bytes,
        queries: [
          { expr: service.resident, legend: '{{instance}} resident' },
          { expr: service.heapUsed, legend: '{{instance}} heap used' },
        ],
        width: 6,
      }),
    )
    .withRow(new RowBuilder('Database and cache'))
    .withPanel(
      timeSeries({
        title: 'Wait for a connection',
        description:
          'Time a statement waits until the pool has a connection for it. Longer waits end in 503 overloaded.',
        unit: units.seconds,
        queries: [
          { expr: database.poolWait(0.5), legend: 'p50' },
          { expr: database.poolWait(0.99), legend: 'p99' },
        ],
        limits: waitLimits,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Cache hits',
        description:
          'Share of the lookups that Redis could answer: entries of the catalogue. Of every service with a cache, whichever is chosen above.',
        unit: units.share,
        queries: [{ expr: database.cacheHits, legend: database.cacheLegend }],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Statements',
        description:
          'SQL statements per second, by operation. WITH is the one statement that writes an order.',
        unit: units.perSecond,
        queries: [{ expr: database.statements, legend: '{{db_operation_name}}' }],
        stacked: true,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Time of a statement, p95',
        description: 'By operation, with the wait for locks. A hot product shows here first.',
        unit: units.seconds,
        queries: [{ expr: database.statementTime(0.95), legend: '{{db_operation_name}}' }],
        links: [ofService(false)],
      }),
    )
    .build();
}
