import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unwellSince } from './since.ts';

/** A series of that p95, a value each five seconds. */
function seriesOf(p95: readonly (number | null)[]) {
  return {
    times: p95.map((_, index) => index * 5000),
    p95_ms: [...p95],
    rate: p95.map((value) => (value === null ? null : 5)),
    failed: p95.map((value) => (value === null ? null : 0)),
    attempts: p95.map((value) => (value === null ? null : 1)),
  };
}

test('the begin of the last stretch that is not well is found, and of no earlier one', () => {
  assert.equal(unwellSince(seriesOf([10, 10, 640, 650])), 10_000);
  assert.equal(unwellSince(seriesOf([640, 10, 12, 640])), 15_000);
  assert.equal(unwellSince(seriesOf([10, 640, 12])), null);
  assert.equal(unwellSince(seriesOf([])), null);
});

test('what is bad is dated from when it became so; what became a little better, from when it was bad', () => {
  assert.equal(unwellSince(seriesOf([10, 300, 300, 640, 650])), 15_000);
  assert.equal(unwellSince(seriesOf([10, 640, 300])), 5000);
});

test('times without calls end no stretch, and what began before is not dated', () => {
  assert.equal(unwellSince(seriesOf([10, 640, null, 650, null])), 5000);
  assert.equal(unwellSince(seriesOf([640, 640])), 'longer');
  // there were no calls before: it is not known how they would have been, but the first one is
  assert.equal(unwellSince(seriesOf([null, null, 640, 640])), 10_000);
});

test('failures and attempts count as well', () => {
  const well = seriesOf([10, 10, 10]);
  assert.equal(unwellSince({ ...well, failed: [0, 0, 0.03] }), 10_000);
  assert.equal(unwellSince({ ...well, attempts: [1, 1.4, 1.5] }), 5000);
});
