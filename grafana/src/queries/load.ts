/** PromQL about what k6 sends and sees; k6 writes to Prometheus while it runs. */
import { rate } from './promql.ts';

/** Runs chosen by the variable `scenario`. */
const chosen = 'testid=~"$scenario"';

/** Orders sent, per second. */
export const sent = `sum(${rate('k6_orders_total', chosen)})`;

/** Orders sent by outcome, per second. */
export const sentByOutcome = `sum by (testid, outcome) (${rate('k6_orders_total', chosen)})`;

/** Failed orders by code, per second. */
export const failedByCode = `sum by (code) (${rate('k6_orders_total', `${chosen}, outcome="failed"`)})`;

/** Orders k6 could not send in time, per second. */
export const dropped = `sum(${rate('k6_dropped_iterations_total', chosen)})`;

/** Time to an answer since the run began, seconds; k6 sends finished quantiles, which cannot be added up. */
export const answerTime = (quantile: 'p50' | 'p95' | 'p99') =>
  `max by (testid) (k6_http_req_duration_${quantile}{${chosen}, name="place_order", expected_response="true"})`;

/** Time from sending an order to seeing its end since the run began, seconds. */
export const completionTime = (quantile: 'p50' | 'p95' | 'p99') =>
  `max by (testid) (k6_order_completion_${quantile}{${chosen}})`;

/** Virtual users: orders under way, seen from the client. k6 tags them with nothing. */
export const users = 'max(k6_vus)';
