import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MapEdge } from '@microshop/control/console/schemas';
import { badgesOf, beginnings, healthOf, spoken, troublesOf } from './health.ts';

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

test('failures, retries, slowness and breakers make an edge bad, each by itself', () => {
  assert.equal(healthOf(edge), 'well');
  assert.equal(healthOf({ ...edge, rate: 0 }), 'idle');
  assert.equal(healthOf({ ...edge, rate: null, failed: null, attempts: null }), 'idle');
  for (const wrong of [
    { failed: 0.004 },
    { attempts: 1.1 },
    { p95_ms: 300 },
    { breaker: 'half_open' },
  ] as const) {
    assert.equal(healthOf({ ...edge, ...wrong }), 'watched', JSON.stringify(wrong));
  }
  for (const wrong of [{ failed: 0.03 }, { attempts: 1.4 }, { p95_ms: 640 }, { breaker: 'open' }] as const) {
    assert.equal(healthOf({ ...edge, ...wrong }), 'bad', JSON.stringify(wrong));
  }
  // an open breaker lets no call through: what is not called is not well
  assert.equal(healthOf({ ...edge, rate: 0, breaker: 'open' }), 'bad');
  // an event may wait for its consumer
  assert.equal(healthOf({ ...edge, kind: 'events', p95_ms: 5000 }), 'well');
});

test('what is wrong is said with the figure that says it', () => {
  assert.deepEqual(troublesOf(edge), []);
  assert.deepEqual(
    troublesOf({ ...edge, failed: 0.03, attempts: 1.1, p95_ms: 640 }).map(
      ({ health, text }) => `${health}: ${text}`,
    ),
    [
      'bad: 3\u00a0% of the calls fail',
      'watched: 1.10 attempts per call',
      'bad: slow: p95 640\u00a0ms, of the 500\u00a0ms that a whole order may take',
    ],
  );
});

test('trouble begins at the edge behind which there is none', () => {
  const slow = { p95_ms: 640 };
  const way = (from: string, to: string, changed: Partial<MapEdge> = {}): MapEdge => ({
    ...edge,
    id: `${from} → ${to}`,
    from,
    to,
    ...changed,
  });
  const beginningsOf = (...edges: MapEdge[]) => beginnings(edges).map(({ id }) => id);
  const users = way('orders', 'users');
  assert.deepEqual(beginningsOf(way('gateway', 'orders'), users), []);
  assert.deepEqual(beginningsOf(way('gateway', 'orders', slow), way('orders', 'products', slow), users), [
    'orders → products',
  ]);
  // a single retry further in does not explain calls that fail
  assert.deepEqual(
    beginningsOf(
      way('gateway', 'orders', { failed: 0.2 }),
      way('orders', 'products', { attempts: 1.1 }),
      users,
    ),
    ['gateway → orders', 'orders → products'],
  );
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
    'orders to products: bad, 5 calls per second, 97\u00a0% succeed, 95 of 100 within 12\u00a0ms, 1.40 attempts per call, fault: answered 503, 30\u00a0%, 1 ejected, policy changed: tries',
  );
  assert.deepEqual(
    badgesOf({ ...broken, breaker: 'half_open' }).map(({ kind }) => kind),
    ['fault', 'watched', 'watched', 'plain'],
  );
});
