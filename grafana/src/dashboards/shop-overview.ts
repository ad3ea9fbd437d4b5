/** *Shop overview*: do orders come through, how fast, and where is it stuck if not? The home page. */

import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { placeOrderObjective } from '@microshop/topology';
import { board } from '../panels/board.ts';
import { stat } from '../panels/stat.ts';
import { answerLimits, failureLimits } from '../panels/thresholds.ts';
import { timeSeries } from '../panels/time-series.ts';
import { units } from '../panels/units.ts';
import { edgeVariables } from '../panels/variable.ts';
import * as alerts from '../queries/alerts.ts';
import * as objective from '../queries/objective.ts';
import * as orders from '../queries/orders.ts';
import { edgeErrors, edgeRate, edgesRow } from './shared/edges.ts';
import { orderTraces } from './shared/orders.ts';

const statusColours = { CONFIRMED: 'green', REJECTED: 'orange', placed: 'blue' };

const { availability, latency, periodMinutes } = placeOrderObjective;
const percent = (share: number): string => `${Number((share * 100).toFixed(4))} %`;

/** Half of the budget in half of its time is as planned; with a quarter left it is time to be careful. */
const budgetLimits = { warn: 0.5, bad: 0.25 };

/** The dashboard. */
export function shopOverview(): Dashboard {
  return board({
    uid: 'shop-overview',
    title: 'Shop overview',
    description: 'Is the promise to clients kept, do orders succeed, and which edge fails if not?',
    variables: edgeVariables,
  })
    .withRow(new RowBuilder('Objective'))
    .withPanel(
      stat({
        title: 'Available',
        description: `Share of orders of the last ${periodMinutes} minutes that did not end with a 5xx. The objective is ${percent(availability)}.`,
        unit: units.share,
        query: { expr: objective.available, legend: 'available' },
        limits: { warn: availability, bad: availability - 0.01 },
        whenEmpty: 'no orders',
      }),
    )
    .withPanel(
      stat({
        title: 'Error budget left',
        description: `Of the ${percent(1 - availability)} of orders that may fail in ${periodMinutes} minutes, the share that has not failed yet. Below 0 the objective is missed.`,
        unit: units.share,
        query: { expr: objective.errorBudgetLeft, legend: 'left' },
        limits: budgetLimits,
        whenEmpty: 'no orders',
      }),
    )
    .withPanel(
      stat({
        title: 'Latency budget left',
        description: `Of the ${percent(1 - latency.share)} of orders that may take over ${latency.ms} ms in ${periodMinutes} minutes, the share that has not yet.`,
        unit: units.share,
        query: { expr: objective.latencyBudgetLeft, legend: 'left' },
        limits: budgetLimits,
        whenEmpty: 'no orders',
      }),
    )
    .withPanel(
      stat({
        title: 'Alerts firing',
        description: 'Alerts that fire now, by name; what each means is in docs/observability.md.',
        unit: units.count,
        query: { expr: alerts.firing, legend: '{{alertname}}' },
        whenEmpty: 'none',
        named: true,
        limits: { bad: 1 },
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Error budget burns',
        description:
          'How fast the budget burns, over each window of the alerts. 1 uses it up exactly by the end of its period; the lines are where the slow and the fast alert fire.',
        unit: units.times,
        queries: objective.burnRates.map(({ window, expr }) => ({ expr, legend: `over ${window}` })),
        limits: objective.burnLimits,
        width: 24,
      }),
    )
    .withRow(new RowBuilder('Orders'))
    .withPanel(
      stat({
        title: 'Requests to order',
        description: 'Requests to place an order that reached the gateway.',
        unit: units.requestsPerSecond,
        query: { expr: orders.requests, legend: 'requests' },
        whenEmpty: 'no orders',
      }),
    )
    .withPanel(
      stat({
        title: 'Failed',
        description: 'Share of these requests that got a 5xx or no answer. A refusal (4xx) is an answer.',
        unit: units.share,
        query: { expr: orders.failedShare, legend: 'failed' },
        limits: failureLimits,
        whenEmpty: 'no orders',
      }),
    )
    .withPanel(
      stat({
        title: 'Time to answer, p95',
        description:
          '95 of 100 requests are answered within this time. Yellow: longer than one attempt between services may take. Red: longer than the order’s deadline.',
        unit: units.seconds,
        query: { expr: orders.answerTime(0.95), legend: 'p95' },
        limits: answerLimits,
        whenEmpty: 'no orders',
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
        whenEmpty: 'no orders',
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Answers by status',
        description:
          'What the orders service answers: 201 accepted, 400 refused (no stock, unknown user), 503 and 504 when a part it needs is unavailable. Requests that never reach it are missing here and count in Failed.',
        unit: units.requestsPerSecond,
        queries: [{ expr: orders.answersByStatus, legend: '{{http_response_status_code}}' }],
        stacked: true,
        links: [orderTraces(false), orderTraces(true)],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Time to answer',
        description:
          'Measured at the gateway. The lines are the limit of one attempt (yellow) and the order’s deadline (red). A dot is one request; it leads to its trace.',
        unit: units.seconds,
        queries: [
          { expr: orders.answerTime(0.5), legend: 'p50' },
          { expr: orders.answerTime(0.95), legend: 'p95' },
          { expr: orders.answerTime(0.99), legend: 'p99', exemplars: true },
        ],
        limits: answerLimits,
        links: [orderTraces(false)],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Placed and ended',
        description:
          'Placed above the sum of both ends: orders pile up and wait. Ends above placed: the backlog shrinks.',
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
    .withRow(new RowBuilder(edgesRow))
    .withPanel(edgeRate())
    .withPanel(edgeErrors(' More in Mesh.'))
    .build();
}
