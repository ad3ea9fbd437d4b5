import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultShares } from './fault-routes.ts';
import type { FaultRecord } from './schemas.ts';

const counted = { aborts: 0, delays: 0, answers_replaced: 0, answers_slowed: 0 };
const nothing = {
  abort: null,
  delay_ms: null,
  replace_answer: null,
  slow_answer: null,
  replica: null,
  expires_at: null,
};
const record = (fields: Partial<FaultRecord>): FaultRecord => ({
  ...{ ...nothing, service: 'products', from: null, percent: 100, set_at: 1, counted, since: {} },
  ...fields,
});

/** The shares that are in effect, in words. */
const inForce = (faults: readonly FaultRecord[]): string[] =>
  faultShares(faults)
    .filter(({ share }) => share > 0)
    .map(({ caller, callee, kind, share }) => `${caller} → ${callee}: ${kind} ${share}`);

test('a fault is reported by callee, caller and kind; one that does two things is two', () => {
  const forOrders = record({ from: 'orders', abort: 503, delay_ms: 100, percent: 30 });
  assert.deepEqual(inForce([forOrders, record({ replace_answer: 503 })]), [
    'any → products: replaced_answer 1',
    'orders → products: abort 0.3',
    'orders → products: delay 0.3',
  ]);
});

test('what is not set is reported as 0, and the list has the same length whatever is set', () => {
  assert.deepEqual(inForce([]), []);
  assert.equal(faultShares([]).length, faultShares([record({ abort: 503 })]).length);
});
