/** PromQL about the edges of the mesh: who calls whom, as the caller's Envoy counts it. */
import { services } from '@microshop/topology';
import { quantile, rate, series, share } from './promql.ts';

/** Label of the caller, and of the callee: Envoy names the cluster after the service. */
export const callerLabel = 'service';
export const calleeLabel = 'envoy_cluster_name';

/** An edge in a legend. */
export const edgeLegend = `{{${callerLabel}}} → {{${calleeLabel}}}`;

/** Clusters that are services; the others are a sidecar's own app and the collector. */
export const calleeMatcher = `${calleeLabel}=~"${services.map(({ name }) => name).join('|')}"`;

/** The edges chosen by the variables `caller` and `callee`. */
const chosen = `${calleeMatcher}, ${callerLabel}=~"$caller", ${calleeLabel}=~"$callee"`;

const by = `sum by (${callerLabel}, ${calleeLabel})`;

/** Answers per second; a request that was retried counts once. */
export const answers = `${by} (${rate('envoy_cluster_upstream_rq_xx', chosen)})`;

/** Share of the answers that were 5xx, Envoy's own included, 0 to 1. */
export const failedShare = share(
  `${by} (${rate('envoy_cluster_upstream_rq_xx', `${chosen}, envoy_response_code_class="5"`)})`,
  answers,
);

/** Time of an attempt, milliseconds. */
export const tryTime = (part: number) =>
  quantile(
    part,
    `sum by (${callerLabel}, ${calleeLabel}, le) (${rate('envoy_cluster_upstream_rq_time_bucket', chosen)})`,
  );

/** Second and third attempts, per second. */
export const retries = `${by} (${rate('envoy_cluster_upstream_rq_retry', chosen)})`;

/** Attempts for each call: 1 when nothing is retried. */
const calls = `${by} (${rate('envoy_cluster_upstream_rq_completed', chosen)})`;
export const attemptsPerCall = `1 + ${retries} / ${calls}`;

/** Tries that the retry budget did not allow, per second. */
export const retriesRefused = `${by} (${rate('envoy_cluster_upstream_rq_retry_overflow', chosen)})`;

/** Tries that took longer than one may, per second. */
export const tryTimeouts = `${by} (${rate('envoy_cluster_upstream_rq_per_try_timeout', chosen)})`;

/** Connections that could not be made, per second. */
export const connectFailures = `${by} (${rate('envoy_cluster_upstream_cx_connect_fail', chosen)})`;

/** Requests under way. */
export const underWay = `${by} (${series('envoy_cluster_upstream_rq_active', chosen)})`;

/** Replicas of the callee, and those that outlier detection lets take part; their health is not asked in any other way. */
export const replicas = `${by} (${series('envoy_cluster_membership_total', chosen)})`;
export const replicasInUse = `${by} (${series('envoy_cluster_membership_healthy', chosen)})`;

const expiration = (of: 'cluster' | 'listener') =>
  series(`envoy_${of}_ssl_certificate_expiration_unix_time_seconds`, 'envoy_tls_certificate="identity"');

/** Time until the first certificate of an Envoy ends, seconds. The gateway shows one to callees only. */
export const certificateTime = `min by (part) (${expiration('listener')} or ${expiration('cluster')}) - time()`;
