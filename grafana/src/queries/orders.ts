/** PromQL about orders. */
import { placeOrderObjective } from '@microshop/topology';
import { quantile, rate, share } from './promql.ts';

/**
 * Requests to place an order as the client saw them: the gateway's own spans, so what never reached the orders service
 * is there, too.
 */
const placing = 'service_name="gateway", span_kind="SPAN_KIND_SERVER", span_name="POST /api/orders"';

/** Requests to place an order, per second. */
export const requests = `sum(${rate('traces_span_metrics_calls_total', placing)})`;

/** Share of them that got a 5xx or no answer, 0 to 1. A refusal (4xx) is an answer. */
export const failedShare = share(
  `sum(${rate('traces_span_metrics_calls_total', `${placing}, status_code="STATUS_CODE_ERROR"`)})`,
  requests,
);

/** Time to answer, seconds. */
export const answerTime = (part: number) =>
  quantile(part, `sum by (le) (${rate('traces_span_metrics_duration_seconds_bucket', placing)})`);

/** The route of these requests in the gateway's own statistics. */
const route = `envoy_route="${placeOrderObjective.stat}"`;

/** Requests to place an order as the gateway's Envoy counts them, per second, and its answers by class (2, 4, 5). */
export const envoyRequests = `sum(${rate('envoy_vhost_route_upstream_rq_total', route)})`;
export const envoyAnswers = `sum by (envoy_response_code_class) (${rate('envoy_vhost_route_upstream_rq_xx', route)})`;

/** Time to answer as the gateway's Envoy measures it, milliseconds. */
export const envoyAnswerTime = (part: number) =>
  quantile(part, `sum by (le) (${rate('envoy_vhost_route_upstream_rq_time_bucket', route)})`);

/** Answers of the orders service to requests to place an order, by HTTP status, per second. */
export const answersByStatus = `sum by (http_response_status_code) (${rate('http_server_request_duration_seconds_count', 'service_name="orders", http_request_method="POST", http_route="/api/orders"')})`;

/** Orders written, per second. */
export const placed = `sum(${rate('shop_orders_placed_total')})`;

/** Orders that ended, by status, per second. */
export const endedByStatus = `sum by (shop_order_status) (${rate('shop_orders_ended_total')})`;

/** Time from placing an order to its end, seconds. */
export const completionTime = (part: number) =>
  quantile(part, `sum by (le) (${rate('shop_order_completion_duration_seconds_bucket')})`);
