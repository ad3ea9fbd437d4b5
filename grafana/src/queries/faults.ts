/** PromQL about faults: which are set, and what they have hit. */
import { rate } from './promql.ts';

/** A fault in a legend. */
export const legend = '{{shop_caller}} → {{shop_peer}}: {{shop_fault_kind}}';

/** Share of the calls that meet a fault, 0 to 1, by caller (`any`: all others), callee and kind; those that are set. */
export const inForce = 'max by (shop_caller, shop_peer, shop_fault_kind) (shop_fault_share_ratio) > 0';

/** Envoy counts twice, for all callers together and for each. */
const allCallers = 'envoy_fault_downstream_cluster=""';

/** Calls answered in place of a service, per second, by callee. */
export const aborts = `sum by (service) (${rate('envoy_http_fault_aborts_injected', allCallers)})`;

/** Calls held, per second, by callee. */
export const delays = `sum by (service) (${rate('envoy_http_fault_delays_injected', allCallers)})`;

/** Calls whose answer was replaced, per second, by callee. */
export const replacedAnswers = `sum by (service) (${rate('envoy_vhost_route_upstream_rq_total', 'envoy_route=~"replaced_.+"')})`;
