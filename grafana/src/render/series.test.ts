import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calculated, legendOf, type Point, rangeOf, seriesOf, stretchesOf } from './series.ts';

const range = { startMs: 10_000, endMs: 30_000, stepMs: 5000 };

function series(...values: (number | null)[]) {
  const points = values.map((value, index): Point => [range.startMs + index * range.stepMs, value]);
  return { name: 'one', points };
}

test('a series has a point at every step: what is missing, and 0 of 0, is a gap', () => {
  const sampled = {
    labels: { code: '201' },
    values: [
      [10, '1.5'],
      [20, 'NaN'],
      [25, '2'],
    ],
  } as const;
  assert.deepEqual(seriesOf(sampled, 'status {{code}}', range), {
    name: 'status 201',
    points: [
      [10_000, 1.5],
      [15_000, null],
      [20_000, null],
      [25_000, 2],
      [30_000, null],
    ],
  });
});

test('a legend has the labels in it; a label that is missing leaves its name', () => {
  const labels = { __name__: 'calls_total', service: 'orders', peer: 'users' };
  assert.equal(legendOf(labels, '{{service}} → {{ peer }}'), 'orders → users');
  assert.equal(legendOf(labels, 'p95'), 'p95');
  assert.equal(legendOf(labels, '{{code}}'), 'code');
  assert.equal(legendOf(labels, ''), 'calls_total{service="orders", peer="users"}');
});

test('numbers of a series are of the values that are there', () => {
  const one = series(1, null, 5, 3, null);
  assert.equal(calculated(one, 'lastNotNull'), 3);
  assert.equal(calculated(one, 'max'), 5);
  assert.equal(calculated(one, 'min'), 1);
  assert.equal(calculated(one, 'mean'), 3);
  assert.equal(calculated(one, 'sum'), 9);
  assert.equal(calculated(series(null, null), 'max'), null);
});

test('stretches end where the value changes, and at a gap', () => {
  assert.deepEqual(stretchesOf(series(1, 1, 2, null, 2), range.stepMs), [
    { fromMs: 10_000, toMs: 20_000, value: 1 },
    { fromMs: 20_000, toMs: 25_000, value: 2 },
    { fromMs: 30_000, toMs: 35_000, value: 2 },
  ]);
});

test('a range has the points of the scrapes, and never too many of them', () => {
  const untilMs = Date.parse('2026-01-31T10:00:03Z');
  assert.deepEqual(rangeOf(untilMs, 3, 5), {
    startMs: Date.parse('2026-01-31T09:57:00Z'),
    endMs: Date.parse('2026-01-31T10:00:00Z'),
    stepMs: 5000,
  });
  const day = rangeOf(untilMs, 24 * 60, 5);
  assert.ok((day.endMs - day.startMs) / day.stepMs <= 180);
});
