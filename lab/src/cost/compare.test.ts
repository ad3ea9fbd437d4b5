import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, spread } from './compare.ts';

test('the median is the middle one, or between the two middle ones', () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, least: 1, most: 3 });
  assert.deepEqual(spread([4, 1, 2, 3]), { median: 2.5, least: 1, most: 4 });
  assert.throws(() => spread([]), /no median/);
});

test('each pair is compared with itself, so a slow minute falls on both', () => {
  const pair = (speed: number) => ({
    on: { ordersPerSecond: 80 * speed, cpuMsPerOrder: 10 },
    off: { ordersPerSecond: 100 * speed, cpuMsPerOrder: 9 },
  });
  const { throughput, cpu } = compare([pair(1), pair(0.1), pair(2)]);
  assert.equal(throughput.median, 0.8);
  assert.equal(cpu.median, 0.9);
});
