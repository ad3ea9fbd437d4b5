import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dotsOf } from './dots.ts';

const plot = { box: { x: 50, y: 10, width: 100, height: 100 }, unit: 0.001 };

/** A pixel for each 10 ms of time, and for each value of the axis. */
const pixelOf = ([atMs, value]: readonly [number, number]) => [50 + atMs / 10, 110 - value];

const tops = (exemplars: Parameters<typeof dotsOf>[0]) =>
  dotsOf(exemplars, plot, pixelOf).map(({ left, top, traceId }) => [left, top, traceId]);

test('a dot stands at its time and value, in what the axis counts in', () => {
  assert.deepEqual(tops([{ atMs: 200, value: 0.04, traceId: 'a' }]), [[70, 70, 'a']]);
});

test('what is slower than the axis reaches is at its upper edge, and another time is left out', () => {
  assert.deepEqual(tops([{ atMs: 200, value: 3, traceId: 'a' }]), [[70, 10, 'a']]);
  assert.deepEqual(tops([{ atMs: -200, value: 0.04, traceId: 'a' }]), []);
  assert.deepEqual(tops([{ atMs: 2000, value: 0.04, traceId: 'a' }]), []);
});
