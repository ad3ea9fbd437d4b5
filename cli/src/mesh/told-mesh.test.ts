import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofRunning, type Told } from './told-mesh.ts';

test('of an app that does not run, nothing is told as if it did', () => {
  const breaker = {
    caller: 'orders',
    callee: 'users',
    state: 'open',
    opens: 1,
    rejections: 2,
    timeouts: 0,
  } as const;
  const consumer = { consuming: true, held: 3, stalled_s: 4 };
  const told: Told = {
    breakers: ['orders', 'orders-2'].map((part) => ({ ...breaker, part, age_s: 1 })),
    consumers: ['products', 'orders'].map((part) => ({ ...consumer, part, queue: `${part}.queue` })),
    traces: null,
    changes: { faults: [], policies: new Map(), policyRecords: [], problems: [] },
    alerts: [],
  };
  const { breakers, consumers } = ofRunning(told, (part) => part === 'orders');
  assert.deepEqual(
    breakers.map(({ part }) => part),
    ['orders'],
  );
  assert.deepEqual(consumers, [
    { part: 'products', queue: 'products.queue', consuming: false, held: 0, stalled_s: 0 },
    { ...consumer, part: 'orders', queue: 'orders.queue' },
  ]);
});
