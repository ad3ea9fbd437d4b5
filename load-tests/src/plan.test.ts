import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ordersOf, plannedSeconds, rampSteps, virtualUsers } from './plan.ts';

test('users for the slowest answers, those that follow included, within the limit', () => {
  const settings = { follow: 0, virtualUsers: undefined };
  assert.equal(virtualUsers(20, settings), 90);
  assert.equal(virtualUsers(20, { ...settings, follow: 0.1 }), 120);
  assert.equal(virtualUsers(5000, settings), 1000);
  assert.equal(virtualUsers(20, { ...settings, virtualUsers: 3 }), 3);
});

test('a ramp rises in equal steps and takes the time it was given', () => {
  const phases = rampSteps(120, 120, 8);
  assert.deepEqual(
    phases.map(({ rate }) => rate),
    [15, 30, 45, 60, 75, 90, 105, 120],
  );
  assert.equal(plannedSeconds({ phases }), 120);
  assert.equal(ordersOf({ phases }), 15 * (15 + 30 + 45 + 60 + 75 + 90 + 105 + 120) + 8);
  assert.deepEqual(
    rampSteps(2, 120, 8).map(({ name }) => name),
    ['1_per_s', '2_per_s'],
  );
});
