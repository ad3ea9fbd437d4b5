import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockStep, momentNow, whyUndated } from './clock.ts';

test('a clock that goes on as the other one was not set; one that jumps was, in either direction', () => {
  const moments = [0, 10_000, 11_000].map((since) => ({ at: 1_700_000_000_000 + since, since }));
  assert.equal(clockStep(moments), 0);
  const [first, second, third] = moments;
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  assert.equal(clockStep([first, { ...second, at: second.at - 5000 }, third]), 5000);
  assert.equal(clockStep([first, { ...second, at: second.at + 5000 }]), 5000);
  assert.equal(clockStep([]), 0);
  assert.ok(clockStep([momentNow(), momentNow()]) < 500);
});

test('a run in which it was set proves nothing', () => {
  assert.deepEqual(whyUndated(500), []);
  assert.deepEqual(whyUndated(5000), ['the clock of the machine was set by 5.0 s during the run']);
});
