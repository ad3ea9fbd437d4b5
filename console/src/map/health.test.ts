import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MapEdge } from '@microshop/control/console/schemas';
import { badgesOf, healthOf, spoken } from './health.ts';

const edge: MapEdge = {
  id: 'orders → products',
  kind: 'http',
  from: 'orders',
  to: 'products',
  rate: 5,
  failed: 0,
  p95_ms: 12,
  attempts: 1,
  breaker: 'closed',
  faults: [],
  changed: [],
  ejected: 0,
};

test('failures, retries and breakers make an edge bad, each by itself', () => {
  assert.equal(healthOf(edge), 'good');
  assert.equal(healthOf({ ...edge, rate: 0 }), 'idle');
  assert.equal(healthOf({ ...edge, rate: null, failed: null, attempts: null }), 'idle');
  for (const wrong of [{ failed: 0.004 }, { attempts: 1.1 }, { breaker: 'half_open' }] as const) {
    assert.equal(healthOf({ ...edge, ...wrong }), 'warn', JSON.stringify(wrong));
  }
  for (const wrong of [{ failed: 0.03 }, { attempts: 1.4 }, { breaker: 'open' }] as const) {
    assert.equal(healthOf({ ...edge, ...wrong }), 'bad', JSON.stringify(wrong));
  }
  // an open breaker lets no call through: what is not called is not well
  assert.equal(healthOf({ ...edge, rate: 0, breaker: 'open' }), 'bad');
});

test('everything that is seen is said', () => {
  const broken = {
    ...edge,
    failed: 0.03,
    attempts: 1.4,
    faults: ['answered 503, 30 %'],
    changed: ['tries'],
    ejected: 1,
  };
  assert.equal(
    spoken(broken),
    'orders to products: many calls fail or are retried, or a breaker is open, 5 calls per second, 97 % succeed, 95 of 100 within 12 ms, 1.40 attempts per call, fault: answered 503, 30 %, 1 ejected, policy changed: tries',
  );
  assert.deepEqual(
    badgesOf({ ...broken, breaker: 'half_open' }).map(({ kind }) => kind),
    ['fault', 'warn', 'warn', 'plain'],
  );
});
