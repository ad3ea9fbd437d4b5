import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areServed } from './served-again.ts';

/** Ten answers per second up to `now`; those before `failedUntil` are failures. */
const answers = (now: number, failedUntil: number) =>
  Array.from({ length: 100 }, (_, index) => {
    const t = now - 100 * index;
    return { t, status: t < failedUntil ? 503 : 201 };
  });

test('all are served once nobody of the last seconds failed', () => {
  const now = 100_000;
  assert.equal(areServed(answers(now, now - 3001), 10, now), true);
  assert.equal(areServed(answers(now, now - 2900), 10, now), false, 'one failed');
});

test('a shop that answers nothing serves nobody', () => {
  const now = 100_000;
  const before = answers(now, 0).filter(({ t }) => t < now - 2500);
  assert.equal(areServed(before, 10, now), false);
  assert.equal(areServed([], 10, now), false);
});
