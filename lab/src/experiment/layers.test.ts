import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsIn, layersBetween } from './layers.ts';

test('the counters of an Envoy are read from its own form', () => {
  const text = [
    'cluster.products.upstream_rq_2xx: 60',
    'cluster.products.upstream_rq_4xx: 5',
    'cluster.products.upstream_rq_5xx: 35',
    'cluster.products.upstream_rq_completed: 100',
    'cluster.products.upstream_rq_retry: 30',
    '',
  ].join('\n');
  assert.deepEqual(countsIn(text), { attempts: 130, retries: 30, good: 65 });
  assert.deepEqual(countsIn(''), { attempts: 0, retries: 0, good: 0 });
});

test('attempts without a connection are attempts: a callee that is down had more of them than calls by the count of those sent', () => {
  const text = [
    'cluster.orders.upstream_rq_2xx: 30',
    'cluster.orders.upstream_rq_5xx: 10',
    'cluster.orders.upstream_rq_completed: 40',
    'cluster.orders.upstream_rq_retry: 10',
    'cluster.orders.upstream_rq_total: 30',
  ].join('\n');
  const before = { attempts: 30, retries: 0, good: 30 };
  const [layer] = layersBetween({ 'gateway → orders': before }, { 'gateway → orders': countsIn(text) });
  assert.deepEqual([layer?.calls, layer?.attempts_per_call, layer?.actual_success], [10, 2, 0]);
});

test('between two readings calls are attempts without the retries', () => {
  const [layer] = layersBetween(
    { 'orders → products': { attempts: 100, retries: 10, good: 95 } },
    { 'orders → products': { attempts: 230, retries: 40, good: 195 } },
  );
  assert.deepEqual(layer, {
    layer: 'orders → products',
    calls: 100,
    attempts: 130,
    attempts_per_call: 1.3,
    actual_success: 100 / 130,
  });
});

test('an Envoy that was started again in between began at zero', () => {
  const [layer] = layersBetween(
    { 'gateway → orders': { attempts: 500, retries: 0, good: 500 } },
    { 'gateway → orders': { attempts: 40, retries: 0, good: 40 } },
  );
  assert.deepEqual([layer?.attempts, layer?.actual_success], [40, 1]);
});

test('without calls there is no share; a layer that was not read is left out', () => {
  const still = { attempts: 5, retries: 0, good: 5 };
  const [layer, ...others] = layersBetween({ a: still }, { a: still, b: still });
  assert.deepEqual([layer?.attempts_per_call, layer?.actual_success, others], [null, null, []]);
});
