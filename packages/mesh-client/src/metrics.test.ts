import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCallMetrics } from './metrics.ts';
import { collectMetrics } from './testing/telemetry.ts';

test('counters of every peer and class are there before anything has failed', async (t) => {
  const collected = collectMetrics(t);
  const { begun, close } = createCallMetrics('orders', new Map());
  t.after(close);
  begun('users');
  begun('products');
  const points = await collected();
  const peersOf = (name: string) =>
    points.filter((point) => point.name === name).map(({ attributes }) => attributes['shop.peer']);
  assert.deepEqual(new Set(peersOf('shop.breaker.opens')), new Set(['users', 'products']));
  assert.equal(peersOf('shop.call.failures').length, 2 * 5);
  assert.ok(points.every(({ value }) => value === 0));
});
