import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spread } from './spread.ts';

test('the median is the middle one, or between the two middle ones', () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, least: 1, most: 3 });
  assert.deepEqual(spread([4, 1, 2, 3]), { median: 2.5, least: 1, most: 4 });
  assert.throws(() => spread([]), /no median/);
});
