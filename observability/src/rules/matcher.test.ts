import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withMatcher } from './matcher.ts';

const added = (expr: string) => withMatcher(expr, 'namespace="shop"');

test('every selector gets the matcher, whatever stands around it', () => {
  for (const [expr, expected] of [
    ['up == 0', 'up{namespace="shop"} == 0'],
    ['up{}', 'up{namespace="shop"}'],
    ['rate(calls_total{job="envoy"}[1m])', 'rate(calls_total{namespace="shop",job="envoy"}[1m])'],
    ['{__name__=~"envoy_.+"}', '{namespace="shop",__name__=~"envoy_.+"}'],
    ['max_over_time(state[15s])', 'max_over_time(state{namespace="shop"}[15s])'],
    [
      'sum by (part) (a) / on (part) (b{x="}"} or vector(0)) - time()',
      'sum by (part) (a{namespace="shop"}) / on (part) (b{namespace="shop",x="}"} or vector(0)) - time()',
    ],
    [
      'shop:errors:ratio > 0.1 and shop:rate',
      'shop:errors:ratio{namespace="shop"} > 0.1 and shop:rate{namespace="shop"}',
    ],
  ] as const) {
    assert.equal(added(expr), expected);
  }
});

test('what is no PromQL is refused where it begins', () => {
  assert.throws(() => added('sum(up'), /no PromQL at ".*" in sum\(up/);
});
