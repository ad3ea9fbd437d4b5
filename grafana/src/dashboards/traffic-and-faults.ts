/** *Traffic and faults*: what k6 sends beside what the Envoys see, while faults come and go. */
import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { board } from '../panels/board.ts';
import { answerLimits, answerLimitsMs } from '../panels/thresholds.ts';
import { timeSeries } from '../panels/time-series.ts';
import { units } from '../panels/units.ts';
import { labelVariable } from '../panels/variable.ts';
import * as faults from '../queries/faults.ts';
import * as load from '../queries/load.ts';
import * as orders from '../queries/orders.ts';
import { orderTraces } from './shared/orders.ts';

const outcomeColours = { accepted: 'green', refused: 'orange', failed: 'red' };
const classColours = { '2xx': 'green', '4xx': 'orange', '5xx': 'red' };

/** The dashboard. */
export function trafficAndFaults(): Dashboard {
  return board({
    uid: 'traffic-and-faults',
    title: 'Traffic and faults',
    description: 'k6 on the left, the gateway’s Envoy on the right; purple marks are faults that were set.',
    variables: [
      labelVariable({
        name: 'scenario',
        label: 'k6 scenario',
        description: 'Runs of which scenario are shown.',
        of: 'k6_http_reqs_total',
        labelName: 'testid',
      }),
    ],
  })
    .withRow(new RowBuilder('k6 (left), Envoy (right)'))
    .withPanel(
      timeSeries({
        title: 'k6: orders sent',
        description: 'What k6 sent, by outcome: accepted, refused (an answer a scenario expects), failed.',
        unit: units.ordersPerSecond,
        queries: [{ expr: load.sentByOutcome, legend: '{{outcome}}' }],
        stacked: true,
        colours: outcomeColours,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Envoy: orders answered',
        description:
          'The gateway’s answers to the same orders, by class. A difference from the left panel is lost in between.',
        unit: units.ordersPerSecond,
        queries: [{ expr: orders.envoyAnswers, legend: '{{envoy_response_code_class}}xx' }],
        stacked: true,
        colours: classColours,
        links: [orderTraces(false), orderTraces(true)],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'k6: time to answer',
        description: 'p50 and p95 of the whole run so far, of orders that were answered as expected.',
        unit: units.seconds,
        queries: [
          { expr: load.answerTime('p50'), legend: '{{testid}} p50' },
          { expr: load.answerTime('p95'), legend: '{{testid}} p95' },
        ],
        limits: answerLimits,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Envoy: time to answer',
        description:
          'p50 and p95 of the moment, failures included. A client that is slower than the gateway has too little CPU.',
        unit: units.milliseconds,
        queries: [
          { expr: orders.envoyAnswerTime(0.5), legend: 'p50' },
          { expr: orders.envoyAnswerTime(0.95), legend: 'p95' },
        ],
        limits: answerLimitsMs,
        links: [orderTraces(false)],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Sent and seen',
        description: 'Orders k6 sent and orders the gateway saw, per second. The lines should coincide.',
        unit: units.ordersPerSecond,
        queries: [
          { expr: load.sent, legend: 'k6 sent' },
          { expr: orders.envoyRequests, legend: 'gateway saw' },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'To the end',
        description:
          'From placing an order to its end: p95 of the run at the client, which polls, and of the moment at orders.',
        unit: units.seconds,
        queries: [
          { expr: load.completionTime('p95'), legend: 'k6 {{testid}}' },
          { expr: orders.completionTime(0.95), legend: 'orders' },
        ],
      }),
    )
    .withRow(new RowBuilder('The client'))
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
        links: [orderTraces(true)],
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
    .withRow(new RowBuilder('Faults'))
    .withPanel(
      timeSeries({
        title: 'Faults set',
        description: 'Share of the calls that meet each fault (./mesh fault set). Empty when none is set.',
        unit: units.share,
        queries: [{ expr: faults.inForce, legend: faults.legend }],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Faults injected',
        description:
          'Calls that a callee’s sidecar has answered, held, or whose answer it has replaced. Each attempt counts: one order can meet three.',
        unit: units.requestsPerSecond,
        queries: [
          { expr: faults.aborts, legend: '{{service}} aborted' },
          { expr: faults.delays, legend: '{{service}} delayed' },
          { expr: faults.replacedAnswers, legend: '{{service}} answer replaced' },
        ],
      }),
    )
    .build();
}
