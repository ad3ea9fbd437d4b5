import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantile, spread } from './spread.ts';

test('the median is the middle one, or between the two middle ones', () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, least: 1, most: 3 });
  assert.deepEqual(spread([4, 1, 2, 3]), { median: 2.5, least: 1, most: 4 });
  assert.throws(() => spread([]), /no median/);
});

test('a quantile is a value that was measured', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(quantile(values, 0.5), 50);
  assert.equal(quantile(values, 0.99), 99);
  assert.equal(quantile([7], 0.99), 7);
  assert.throws(() => quantile([], 0.5), /quantile of nothing/);
});
