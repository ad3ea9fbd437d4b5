/** *Shop overview*: do orders come through, how fast, and where is it stuck if not? The home page. */
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { stat } from '../panels/stat.ts';
import { answerLimits, answerLimitsMs, failureLimits } from '../panels/thresholds.ts';
import { timeSeries } from '../panels/time-series.ts';
import { units } from '../panels/units.ts';
import { labelVariable } from '../panels/variable.ts';
import * as edges from '../queries/edges.ts';
import * as load from '../queries/load.ts';
import * as orders from '../queries/orders.ts';

const statusColours = { CONFIRMED: 'green', REJECTED: 'orange', placed: 'blue' };
const outcomeColours = { accepted: 'green', refused: 'orange', failed: 'red' };

/** The dashboard. */
export function shopOverview(): Dashboard {
  return new DashboardBuilder('Shop overview')
    .uid('shop-overview')
    .description('Orders, the edges they take through the mesh, and k6 beside them.')
    .tags(['microshop'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-15m', to: 'now' })
    .refresh('5s')
    .timezone('browser')
    .variables([
      labelVariable({
        name: 'caller',
        label: 'Caller',
        description: 'Whose calls the edges show.',
        of: `envoy_cluster_upstream_rq_total{${edges.calleeMatcher}}`,
        labelName: edges.callerLabel,
      }),
      labelVariable({
        name: 'callee',
        label: 'Callee',
        description: 'Calls to whom the edges show.',
        of: `envoy_cluster_upstream_rq_total{${edges.calleeMatcher}}`,
        labelName: edges.calleeLabel,
      }),
      labelVariable({
        name: 'scenario',
        label: 'k6 scenario',
        description: 'Runs of which scenario the last row shows.',
        of: 'k6_http_reqs_total',
        labelName: 'testid',
      }),
    ])
    .withRow(new RowBuilder('Orders'))
    .withPanel(
      stat({
        title: 'Requests to order',
        description: 'Requests to place an order that reached the gateway.',
        unit: units.requestsPerSecond,
        query: { expr: orders.requests, legend: 'requests' },
      }),
    )
    .withPanel(
      stat({
        title: 'Failed',
        description: 'Share of these requests that got a 5xx or no answer. A refusal (4xx) is an answer.',
        unit: units.share,
        query: { expr: orders.failedShare, legend: 'failed' },
        limits: failureLimits,
      }),
    )
    .withPanel(
      stat({
        title: 'Time to answer, p95',
        description:
          '95 of 100 requests are answered within this time. Yellow: longer than one try between services may take. Red: longer than the order’s deadline.',
        unit: units.seconds,
        query: { expr: orders.answerTime(0.95), legend: 'p95' },
        limits: answerLimits,
      }),
    )
    .withPanel(
      stat({
        title: 'Time to the end, p95',
        description:
          '95 of 100 orders that ended did so within this time after they were placed. It grows while orders wait for products or RabbitMQ.',
        unit: units.seconds,
        query: { expr: orders.completionTime(0.95), legend: 'p95' },
        limits: { warn: 1, bad: 10 },
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Answers by status',
        description:
          'What the orders service answers: 201 accepted, 400 refused (no stock, unknown user), 503 and 504 when a part it needs is away. Requests that never reach it are missing here and count in Failed.',
        unit: units.requestsPerSecond,
        queries: [{ expr: orders.answersByStatus, legend: '{{http_response_status_code}}' }],
        stacked: true,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Time to answer',
        description:
          'Measured at the gateway. The lines are the limit of one try (yellow) and the order’s deadline (red). A dot is one request; it leads to its trace.',
        unit: units.seconds,
        queries: [
          { expr: orders.answerTime(0.5), legend: 'p50' },
          { expr: orders.answerTime(0.95), legend: 'p95' },
          { expr: orders.answerTime(0.99), legend: 'p99', exemplars: true },
        ],
        limits: answerLimits,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Placed and ended',
        description:
          'Placed above the sum of both ends: orders pile up and wait. Ends above placed: what has waited is being worked off.',
        unit: units.ordersPerSecond,
        queries: [
          { expr: orders.placed, legend: 'placed' },
          { expr: orders.endedByStatus, legend: '{{shop_order_status}}' },
        ],
        colours: statusColours,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Time to the end',
        description:
          'From placing an order to CONFIRMED or REJECTED: outbox, RabbitMQ, the reservation of stock, and the way back.',
        unit: units.seconds,
        queries: [
          { expr: orders.completionTime(0.5), legend: 'p50' },
          { expr: orders.completionTime(0.95), legend: 'p95' },
          { expr: orders.completionTime(0.99), legend: 'p99' },
        ],
      }),
    )
    .withRow(new RowBuilder('Edges, as the caller’s Envoy sees them'))
    .withPanel(
      timeSeries({
        title: 'Rate',
        description: 'Answers per second on each edge. A request that was tried again counts once.',
        unit: units.requestsPerSecond,
        queries: [{ expr: edges.answers, legend: edges.edgeLegend }],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Errors',
        description:
          'Share of the answers that were 5xx. The edge that starts is where it breaks; those before it follow.',
        unit: units.share,
        queries: [{ expr: edges.failedShare, legend: edges.edgeLegend }],
        limits: failureLimits,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Time of a try, p95',
        description: 'The lines are the limit of one try (yellow) and the order’s deadline (red).',
        unit: units.milliseconds,
        queries: [{ expr: edges.tryTime(0.95), legend: edges.edgeLegend }],
        limits: answerLimitsMs,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Retries',
        description:
          'Second and third tries per second. Reads between services are tried again by the caller’s sidecar, within a budget.',
        unit: units.requestsPerSecond,
        queries: [{ expr: edges.retries, legend: edges.edgeLegend }],
      }),
    )
    .withRow(new RowBuilder('k6 beside it'))
    .withPanel(
      timeSeries({
        title: 'Orders sent',
        description: 'What k6 sent, by outcome: the same orders as above, from the other end of the wire.',
        unit: units.ordersPerSecond,
        queries: [{ expr: load.sentByOutcome, legend: '{{outcome}}' }],
        stacked: true,
        colours: outcomeColours,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Time to answer: k6 and gateway',
        description:
          'p95 of the whole run so far at the client, and of the moment at the gateway. A client that is slower than the gateway has too little CPU.',
        unit: units.seconds,
        queries: [
          { expr: load.answerTime('p95'), legend: 'k6 {{testid}}' },
          { expr: orders.answerTime(0.95), legend: 'gateway' },
        ],
        limits: answerLimits,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Failed and dropped',
        description:
          'Failed orders by their code, and orders that k6 could not send in time: such a run proves nothing. Empty when all is well.',
        unit: units.ordersPerSecond,
        queries: [
          { expr: load.failedByCode, legend: '{{code}}' },
          { expr: load.dropped, legend: 'dropped' },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Virtual users',
        description: 'Orders that are under way at the same time. It grows when answers become slow.',
        unit: units.users,
        queries: [{ expr: load.users, legend: 'users' }],
      }),
    )
    .build();
}
