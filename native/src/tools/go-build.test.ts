import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPace } from './go-build.ts';

test('what is left follows from how fast it went, not before that is known', () => {
  const pace = createPace();
  assert.equal(pace.left(0, 0), undefined);
  assert.equal(pace.left(0.01, 4999), undefined, 'too short a time to tell');
  assert.equal(Math.round(pace.left(0.1, 10_000) ?? 0), 90);
  assert.equal(Math.round(pace.left(0.5, 50_000) ?? 0), 50);
});

test('work that was found done counts for nothing', () => {
  const pace = createPace();
  pace.left(0.5, 0);
  assert.equal(Math.round(pace.left(0.6, 10_000) ?? 0), 40);
});

test('work that stands still has no end that could be estimated', () => {
  const pace = createPace();
  pace.left(0.5, 0);
  assert.equal(pace.left(0.5, 10_000), undefined);
});

test('only the last minute counts', () => {
  const pace = createPace();
  // slow while the mesh was starting, then ten times as fast
  for (let second = 0; second <= 100; second += 1) pace.left(second / 1000, second * 1000);
  for (let second = 1; second <= 61; second += 1) pace.left(0.1 + second / 100, (100 + second) * 1000);
  assert.equal(Math.round(pace.left(0.71, 161_000) ?? 0), 29);
});
