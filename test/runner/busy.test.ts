import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percent, processorsFrom } from './busy.ts';

const processor = (user: number, sys: number, idle: number) => ({
  model: 'of a test',
  speed: 1,
  times: { user, nice: 0, sys, idle, irq: 0 },
});

test('the share of all processors is that of the time between', () => {
  const readings = [
    [processor(1000, 0, 9000), processor(0, 0, 0)],
    [processor(1600, 200, 9200), processor(100, 100, 800)],
  ];
  const share = processorsFrom(() => readings.shift() ?? []);
  assert.equal(share(), 0.5);
  assert.equal(percent(0.5), '50 %');
});

test('of no time at all nothing is busy', () => {
  const share = processorsFrom(() => [processor(10, 0, 10)]);
  assert.equal(share(), 0);
});
