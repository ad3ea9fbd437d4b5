import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPair } from '../testing/runs.ts';
import { leftOf, planOf } from './plan.ts';

test('the sides take turns: A B, B A, A B', () => {
  assert.deepEqual(
    planOf(4).map(({ order }) => order.join('')),
    ['01', '10', '01', '10'],
  );
  const first = planOf(6).filter(({ order }) => order[0] === 0);
  assert.equal(first.length, 3);
});

test('what is left are the pairs that are missing or INVALID, in their own order', () => {
  const plan = planOf(4);
  assert.deepEqual(leftOf(plan, []), plan);
  const kept = [aPair(0), aPair(1, undefined, ['The machine drifted']), aPair(3)];
  assert.deepEqual(
    leftOf(plan, kept).map(({ index }) => index),
    [1, 2],
  );
  assert.deepEqual(
    leftOf(
      plan,
      plan.map(({ index }) => aPair(index)),
    ),
    [],
  );
});
