/** The gateway's limit on requests: what is above is answered 429 `overloaded` at once, before anybody works for it. */
import { gatewayRateLimit } from '@microshop/topology';
import { type JsonObject, typed } from './json.ts';

/** Refills of the bucket in a second: the flow is let through evenly, not in bursts of a second each. */
const refillsPerSecond = 10;

/**
 * HTTP filter with one token bucket for all workers of this Envoy. How many it refused is
 * `edge.http_local_rate_limit.rate_limited`.
 */
export function rateLimit(): JsonObject {
  const { requestsPerSecond, runtimeKey } = gatewayRateLimit;
  return {
    name: 'envoy.filters.http.local_ratelimit',
    typed_config: typed('envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit', {
      stat_prefix: 'edge',
      token_bucket: {
        max_tokens: requestsPerSecond,
        tokens_per_fill: requestsPerSecond / refillsPerSecond,
        fill_interval: `${1 / refillsPerSecond}s`,
      },
      filter_enabled: { runtime_key: runtimeKey, default_value: all },
      filter_enforced: { default_value: all },
    }),
  };
}

const all: JsonObject = { numerator: 100, denominator: 'HUNDRED' };
