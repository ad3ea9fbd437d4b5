import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativePlacement } from '@microshop/topology';
import { faultRecord } from '../changes/testing/fault-record.ts';
import type { Figures } from './figures.ts';
import { mapEdges, mapNodes } from './overview.ts';

/** No figure of anything. */
const none: Figures = new Map();

const unchanged = { faults: [], policyRecords: [] };

function edgeOf(
  id: string,
  figures: Figures | undefined,
  changed: Parameters<typeof mapEdges>[1] = unchanged,
) {
  return mapEdges(figures, changed).find((edge) => edge.id === id) ?? assert.fail(`no edge ${id}`);
}

test('every edge joins two places, and every place stands for parts', () => {
  const nodes = mapNodes(nativePlacement({ replicas: { orders: 2 }, env: {} }));
  const ids = nodes.map(({ id }) => id);
  for (const { from, to } of mapEdges(none, unchanged))
    assert.ok(ids.includes(from) && ids.includes(to), `${from} ${to}`);
  assert.deepEqual(nodes.find(({ id }) => id === 'orders')?.parts, [
    'orders',
    'orders-sidecar',
    'orders-2',
    'orders-sidecar-2',
  ]);
});

test('the figures of an edge are those of its caller and callee, and of no other', () => {
  const labels = { service: 'orders', envoy_cluster_name: 'products' };
  const other = { service: 'gateway', envoy_cluster_name: 'products' };
  const figures: Figures = new Map([
    [
      'rate',
      [
        { labels: other, value: 9 },
        { labels, value: 20 },
      ],
    ],
    ['failed', [{ labels, value: 0.03 }]],
    ['breakers', [{ labels: { shop_caller: 'orders', shop_peer: 'products' }, value: 2 }]],
    ['lag', [{ labels: { messaging_destination_subscription_name: 'products.orders' }, value: 0.021 }]],
  ]);
  const { rate, failed, attempts, breaker } = edgeOf('orders → products', figures);
  assert.deepEqual(
    { rate, failed, attempts, breaker },
    { rate: 20, failed: 0.03, attempts: null, breaker: 'open' },
  );
  assert.equal(edgeOf('gateway → products', figures).breaker, null);
  assert.equal(edgeOf('rabbitmq → products', figures).p95_ms, 21);
  assert.equal(edgeOf('orders → products', undefined).rate, null);
});

test('a fault for one caller is on that edge in place of the one for all', () => {
  const all = faultRecord({ service: 'products', abort: 503, percent: 30 });
  const own = faultRecord({ service: 'products', from: 'orders', abort: null, delay_ms: 400 });
  const changed = { ...unchanged, faults: [all, own] };
  assert.deepEqual(edgeOf('orders → products', none, changed).faults, ['delayed by 400 ms, 100 %']);
  assert.deepEqual(edgeOf('gateway → products', none, changed).faults, ['answered 503, 30 %']);
  assert.deepEqual(edgeOf('orders → users', none, changed).faults, []);
});

test('fields of a policy that were changed are named on its edge', () => {
  const policyRecords = [{ caller: 'orders', callee: 'users', change: { tries: 1 } }] as const;
  assert.deepEqual(edgeOf('orders → users', none, { ...unchanged, policyRecords }).changed, ['tries']);
  assert.deepEqual(edgeOf('orders → products', none, { ...unchanged, policyRecords }).changed, []);
});
