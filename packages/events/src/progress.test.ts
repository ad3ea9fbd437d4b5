import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consumerStalledSeconds } from '@microshop/topology';
import { createProgress } from './progress.ts';

function progressAt(at: { seconds: number }) {
  const progress = createProgress('q', () => at.seconds * 1000);
  progress.consuming = true;
  return progress;
}

test('a consumer is well while it settles what it holds, or holds nothing', () => {
  const at = { seconds: 0 };
  const progress = progressAt(at);
  assert.ok(progress.well());
  at.seconds = 1000;
  assert.ok(progress.well(), 'nothing was there to do');
  for (let message = 0; message < 10; message += 1) progress.took();
  for (let message = 0; message < 9; message += 1) {
    at.seconds += consumerStalledSeconds - 1;
    progress.gave(1, true);
    assert.ok(progress.well());
    assert.equal(progress.state().stalledSeconds, 0);
  }
});

test('one that holds messages and settles none is stalled, and well again with the next that it settles', () => {
  const at = { seconds: 0 };
  const progress = progressAt(at);
  progress.took();
  progress.took();
  at.seconds = consumerStalledSeconds - 1;
  assert.ok(progress.well());
  at.seconds += 1;
  assert.deepEqual(progress.state(), { consuming: true, held: 2, stalledSeconds: consumerStalledSeconds });
  assert.ok(!progress.well());
  progress.gave(1, true);
  assert.ok(progress.well());
});

test('messages that leave without being settled are no progress: put back, or lost with their channel', () => {
  const at = { seconds: 0 };
  const progress = progressAt(at);
  progress.took();
  for (; at.seconds < consumerStalledSeconds; at.seconds += 1) {
    progress.took();
    progress.gave(1, false);
  }
  assert.ok(!progress.well());
});

test('a consumer to which nothing is delivered is not well', () => {
  const progress = progressAt({ seconds: 0 });
  progress.consuming = false;
  assert.ok(!progress.well());
});
