/** PromQL about one service: its requests, its calls, its process. Chosen by the variable `service`. */
import { services } from '@microshop/topology';
import { quantile, rate, series, share } from './promql.ts';

/** Label that names a service on what the apps push. */
export const serviceLabel = 'service_name';

/** The services of the shop; the control service pushes metrics, too. */
export const shopServices = `${serviceLabel}=~"${services.map(({ name }) => name).join('|')}"`;

const chosen = `${shopServices}, ${serviceLabel}=~"$service"`;

const requests = 'http_server_request_duration_seconds';
const byRoute = 'by (service_name, http_request_method, http_route)';

/** A route in a legend, and the name of its spans. */
export const routeLegend = '{{http_request_method}} {{http_route}}';

/** Requests answered per second, 5xx included: of the service, and of each route. */
export const answered = `sum(${rate(`${requests}_count`, chosen)})`;
export const answeredByRoute = `sum ${byRoute} (${rate(`${requests}_count`, chosen)})`;

const failures = `${chosen}, http_response_status_code=~"5.."`;

/** Share of them that were 5xx, 0 to 1. */
export const failedShare = share(`sum(${rate(`${requests}_count`, failures)})`, answered);
export const failedShareByRoute = share(
  `sum ${byRoute} (${rate(`${requests}_count`, failures)})`,
  answeredByRoute,
);

/** Time to answer as the app measures it, seconds. */
export const answerTime = (part: number) =>
  quantile(part, `sum by (le) (${rate(`${requests}_bucket`, chosen)})`);

/** The same by request, from the spans of the app: these have exemplars. */
export const spanTime = (part: number) =>
  quantile(
    part,
    `sum by (service_name, span_name, le) (${rate('traces_span_metrics_duration_seconds_bucket', `${chosen}, span_kind="SPAN_KIND_SERVER"`)})`,
  );

/** Requests refused unseen because the service had more to do than it could, per second, by reason. */
export const refused = `sum by (shop_shed_reason) (${rate('shop_requests_shed_total', chosen)})`;

/** Time of calls to peers, tries included, seconds. */
export const callTime = (part: number) =>
  quantile(
    part,
    `sum by (service_name, server_address, le) (${rate('http_client_request_duration_seconds_bucket', chosen)})`,
  );

/** Calls to peers that got no usable answer, per second, by class. */
export const callFailures = `sum by (shop_peer, shop_error_class) (${rate('shop_call_failures_total', chosen)})`;

/** CPU used, cores, by process. */
export const cpu = `sum by (instance) (${rate('process_cpu_time_seconds_total', chosen)})`;

/** Share of the time in which the event loop had work, 0 to 1, by process. */
export const loopBusy = `max by (instance) (${series('nodejs_eventloop_utilization_ratio', chosen)})`;

/** How late timers come, seconds: the time a request waits before it is seen. */
export const loopDelay = (quantileName: 'p50' | 'p99') =>
  `max by (instance) (${series(`nodejs_eventloop_delay_${quantileName}_seconds`, chosen)})`;

/** Share of the time spent collecting garbage, 0 to 1, by kind. */
export const gcShare = `sum by (v8js_gc_type) (${rate('v8js_gc_duration_seconds_sum', chosen)})`;

/** Memory, bytes, by process: all of it, and what of the heap is in use. */
export const resident = `max by (instance) (${series('process_memory_usage_bytes', chosen)})`;
export const heapUsed = `sum by (instance) (${series('v8js_memory_heap_used_bytes', chosen)})`;
