/** The gateway's limit on requests: what is above is answered 429 `overloaded` at once, before anybody works for it. */
import { type CallPolicy, gatewayRateLimit, unlimitedPerSecond } from '@microshop/topology';
import { type JsonObject, typed } from './json.ts';

/** Refills of the bucket in a second: the flow is let through evenly, not in bursts of a second each. */
const refillsPerSecond = 10;

const limitFilter = 'envoy.filters.http.local_ratelimit';

/**
 * HTTP filter with one token bucket for all workers of this Envoy. How many it refused is
 * `edge.http_local_rate_limit.rate_limited`.
 */
export function rateLimit(): JsonObject {
  const { requestsPerSecond, runtimeKey } = gatewayRateLimit;
  return {
    name: limitFilter,
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

/**
 * Part of a route under that policy: a bucket of its own in place of the gateway's, filled evenly, so that no burst goes through
 * after a quiet second. Nothing where the policy limits nothing.
 */
export function routeRateLimit({ rateLimit: limit }: CallPolicy): JsonObject {
  if (limit === null || limit.perSecond >= unlimitedPerSecond) return {};
  const tokens = Math.ceil(limit.perSecond / refillsPerSecond);
  return {
    typed_per_filter_config: {
      [limitFilter]: typed('envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit', {
        stat_prefix: 'edge',
        token_bucket: {
          max_tokens: tokens,
          tokens_per_fill: tokens,
          fill_interval: `${(tokens / limit.perSecond).toFixed(6)}s`,
        },
        filter_enabled: { runtime_key: gatewayRateLimit.runtimeKey, default_value: all },
        filter_enforced: { default_value: all },
      }),
    },
  };
}

const all: JsonObject = { numerator: 100, denominator: 'HUNDRED' };
