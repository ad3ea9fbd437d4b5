/** What metrics mean whose tellers do not say it; units where the name has none. */
import { recordingRules } from '@microshop/observability';

/** Of one metric. */
export interface Meaning {
  readonly meaning: string;
  readonly type?: string;
  readonly unit?: string;
}

/** Envoy sends no text (its manual: "Statistics" of clusters, listeners, HTTP connection managers and routes). */
const envoy: Readonly<Record<string, Meaning>> = {
  envoy_cluster_membership_healthy: { meaning: 'Instances of a peer that are not ejected.' },
  envoy_cluster_membership_total: { meaning: 'Instances of a peer.' },
  envoy_cluster_ssl_certificate_expiration_unix_time_seconds: {
    meaning: 'When the certificate that a sidecar shows to a peer ends.',
    unit: 's since 1970',
  },
  envoy_cluster_upstream_cx_connect_fail: { meaning: 'Connections that could not be opened.' },
  envoy_cluster_upstream_rq_completed: {
    meaning: 'Calls that ended, answered or not; one that was retried counts once.',
  },
  envoy_cluster_upstream_rq_active: { meaning: 'Attempts under way.' },
  envoy_cluster_upstream_rq_per_try_timeout: { meaning: 'Attempts that took longer than one may.' },
  envoy_cluster_upstream_rq_retry_overflow: { meaning: 'Attempts that the retry budget did not allow.' },
  envoy_http_fault_aborts_injected: { meaning: 'Requests answered with an error by a fault.' },
  envoy_http_fault_delays_injected: { meaning: 'Requests held up by a fault.' },
  envoy_tracing_opentelemetry_spans_dropped: { meaning: 'Spans that could not be sent to the collector.' },
  envoy_tracing_opentelemetry_spans_sent: { meaning: 'Spans sent to the collector.' },
  envoy_cluster_upstream_rq_retry: { meaning: 'Second and later attempts, also without a connection.' },
  envoy_cluster_upstream_rq_time: { meaning: 'Time of an attempt, until the answer has ended.', unit: 'ms' },
  envoy_cluster_upstream_rq_total: { meaning: 'Attempts sent; those without a connection are none.' },
  envoy_cluster_upstream_rq_xx: {
    meaning: 'Answers by class of status, Envoy’s own included; a call that was retried counts once.',
  },
  envoy_listener_ssl_certificate_expiration_unix_time_seconds: {
    meaning: 'When the certificate that a listener shows ends.',
    unit: 's since 1970',
  },
  envoy_vhost_route_upstream_rq_time: {
    meaning: 'Time to answer requests of a route, in fine buckets.',
    unit: 'ms',
  },
  envoy_vhost_route_upstream_rq_total: { meaning: 'Requests of a route.' },
  envoy_vhost_route_upstream_rq_xx: { meaning: 'Answers to requests of a route, by class of status.' },
};

const jaeger: Readonly<Record<string, Meaning>> = {
  jaeger_storage_latency_seconds: { meaning: 'Time of a question to the store, or of writing to it.' },
  jaeger_storage_requests_total: { meaning: 'Questions to the store, and spans written to it.' },
  traces_span_metrics_calls_total: { meaning: 'Spans, by service, name, kind and status.' },
  traces_span_metrics_duration_seconds: {
    meaning: 'Duration of spans; its exemplars are trace ids.',
  },
};

/** k6 writes to Prometheus without a word; times come as finished quantiles, `_p50`, `_p95`, `_p99`. */
const k6: Readonly<Record<string, Meaning>> = {
  k6_dropped_iterations_total: { meaning: 'Orders it could not send in time.', type: 'counter' },
  k6_orders_total: { meaning: 'Orders sent, by outcome; the failed ones by code.', type: 'counter' },
  k6_order_completion: {
    meaning: 'Time from sending an order to seeing its end.',
    type: 'trend',
    unit: 's',
  },
  k6_http_req_duration: { meaning: 'Time to an answer since the run began.', type: 'trend', unit: 's' },
  k6_http_reqs_total: { meaning: 'Requests sent.', type: 'counter' },
  k6_vus: { meaning: 'Virtual users: orders under way at the same time.', type: 'gauge' },
};

const prometheus: Readonly<Record<string, Meaning>> = {
  ALERTS: { meaning: '1 for each alert that is pending or fires.', type: 'gauge' },
  scrape_duration_seconds: { meaning: 'Time the last scrape of a target took.', type: 'gauge' },
  scrape_samples_scraped: { meaning: 'Samples in the last scrape of a target.', type: 'gauge' },
  up: { meaning: '1 when the last scrape of a target worked, else 0.', type: 'gauge' },
};

const rules = Object.fromEntries(
  recordingRules.map(({ record, meaning }) => [record, { meaning, type: 'recorded' }]),
);

/** By name of the metric. */
export const meanings: Readonly<Record<string, Meaning>> = {
  ...envoy,
  ...jaeger,
  ...k6,
  ...prometheus,
  ...rules,
};
