/** PromQL about the edges of the mesh: who calls whom, as the caller's Envoy counts it. */
import { services } from '@microshop/topology';
import { quantile, rate } from './promql.ts';

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

/** Answers per second; a request that was tried again counts once. */
export const answers = `${by} (${rate('envoy_cluster_upstream_rq_xx', chosen)})`;

/** Share of the answers that were 5xx, Envoy's own included, 0 to 1. */
export const failedShare = `1 - ${by} (${rate('envoy_cluster_upstream_rq_xx', `${chosen}, envoy_response_code_class!="5"`)}) / ${answers}`;

/** Time of a try, milliseconds. */
export const tryTime = (share: number) =>
  quantile(
    share,
    `sum by (${callerLabel}, ${calleeLabel}, le) (${rate('envoy_cluster_upstream_rq_time_bucket', chosen)})`,
  );

/** Second and third tries, per second. */
export const retries = `${by} (${rate('envoy_cluster_upstream_rq_retry', chosen)})`;
