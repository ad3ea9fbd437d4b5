/** PromQL about the breakers: each service holds one around its calls to a peer. */
import { rate, series } from './promql.ts';

/** A breaker in a legend. */
export const legend = '{{shop_caller}} → {{shop_peer}}';

/** The breakers chosen by the variables `caller` and `callee`. */
const chosen = 'shop_caller=~"$caller", shop_peer=~"$callee"';

const by = 'by (shop_caller, shop_peer)';

/** State of the worst replica: 0 closed, 1 half open, 2 open. */
export const state = `max ${by} (${series('shop_breaker_state', chosen)})`;

/** Times it opened within one interval of the panel. */
export const opened = `sum ${by} (increase(${series('shop_breaker_opens_total', chosen)}[$__rate_interval]))`;

/** Calls refused because it was open, per second. */
export const rejections = `sum ${by} (${rate('shop_call_failures_total', `${chosen}, shop_error_class="breaker_open"`)})`;
