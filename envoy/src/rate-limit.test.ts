import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgePolicy, gatewayPolicy } from '@microshop/topology';
import { routeRateLimit } from './rate-limit.ts';
import { at } from './testing/inspect.ts';

function bucketOf(perSecond: number): unknown {
  const route = routeRateLimit({ ...gatewayPolicy, rateLimit: { perSecond } });
  return at(route, 'typed_per_filter_config', 'envoy.filters.http.local_ratelimit', 'token_bucket');
}

test('the gateway lets a route through at its rate, in portions of a tenth of a second or more', () => {
  for (const rate of [1, 7, 10, 18, 250]) {
    const bucket = bucketOf(rate);
    const tokens = Number(at(bucket, 'tokens_per_fill'));
    const seconds = Number.parseFloat(String(at(bucket, 'fill_interval')));
    assert.ok(Math.abs(tokens / seconds - rate) < 0.01 * rate, `${rate}`);
    // Envoy refuses less than 50 ms
    assert.ok(seconds >= 0.1, `${seconds}`);
    assert.equal(at(bucket, 'max_tokens'), tokens);
  }
});

test('without a limit of its own a route has that of the gateway', () => {
  assert.deepEqual(routeRateLimit(gatewayPolicy), {});
  assert.deepEqual(routeRateLimit(edgePolicy), {});
});
