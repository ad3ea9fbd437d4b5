import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Counters, hitsOf, noHits, settled } from './fault-book.ts';
import type { Hits } from './schemas.ts';
import { faultRecord } from './testing/fault-record.ts';

const aborted = (aborts: number): Hits => ({ ...noHits, aborts });
const at = (gateway: number, orders: number): Counters => ({
  'users-sidecar': { gateway: aborted(gateway), orders: aborted(orders) },
});
const forAll = faultRecord({ since: at(5, 7) });

test('hits are what the counters have grown since', () => {
  assert.deepEqual(hitsOf(forAll, [forAll], at(6, 9)), aborted(3));
});

test('a counter below what it was belongs to an Envoy that was restarted', () => {
  assert.deepEqual(hitsOf(forAll, [forAll], at(2, 7)), aborted(2));
});

test('an Envoy that does not answer adds nothing', () => {
  assert.deepEqual(hitsOf(forAll, [forAll], { 'users-sidecar': {} }), noHits);
});

test('when a caller gets a fault of its own, what it met before stays with the fault for all', () => {
  const [before] = settled([forAll], at(6, 9));
  assert.ok(before);
  const own = faultRecord({ from: 'orders', since: at(6, 9) });
  const both = [before, own];
  const now = at(7, 19);
  assert.deepEqual(hitsOf(before, both, now), aborted(3 + 1));
  assert.deepEqual(hitsOf(own, both, now), aborted(10));
});

test('only the sidecar of its replica counts for a fault of one replica', () => {
  const second = faultRecord({ replica: 2 });
  const now = { ...at(3, 4), 'users-sidecar-2': { gateway: aborted(5), orders: aborted(6) } };
  assert.deepEqual(hitsOf(second, [second], now), aborted(11));
});
