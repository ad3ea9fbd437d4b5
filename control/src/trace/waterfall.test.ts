import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeAxis } from './waterfall.ts';

test('without long pauses the axis is proportional', () => {
  const axis = timeAxis(
    [
      { startUs: 1000, endUs: 1600 },
      { startUs: 1700, endUs: 2000 },
    ],
    100,
  );
  assert.deepEqual(axis.breaks, []);
  assert.deepEqual([1000, 1500, 2000].map(axis.column), [0, 50, 100]);
});

test('a long pause is cut, and what is around it keeps its scale', () => {
  const axis = timeAxis(
    [
      { startUs: 0, endUs: 500 },
      { startUs: 60_000_500, endUs: 60_001_000 },
    ],
    102,
  );
  assert.deepEqual(axis.breaks, [{ fromColumn: 50, toColumn: 52, lengthUs: 60_000_000 }]);
  assert.deepEqual([0, 250, 500, 60_000_500, 60_001_000].map(axis.column), [0, 25, 50, 52, 102]);
});

test('times beyond the ends stay on the axis', () => {
  const axis = timeAxis([{ startUs: 100, endUs: 200 }], 10);
  assert.deepEqual([axis.column(0), axis.column(900)], [0, 10]);
});
