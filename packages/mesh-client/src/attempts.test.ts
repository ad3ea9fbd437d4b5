import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempted } from './attempts.ts';

/** Fails so often, and then succeeds. */
function failing(times: number) {
  let ran = 0;
  const run = async () => {
    ran += 1;
    if (ran <= times) throw new Error(`failure ${ran}`);
    return 'answer';
  };
  return { run, ran: () => ran };
}

const { signal } = new AbortController();

test('one attempt is no repeat', async () => {
  const call = failing(1);
  await assert.rejects(attempted(1, signal, call.run), /failure 1/);
  assert.equal(call.ran(), 1);
});

test('it is repeated until it succeeds', async () => {
  const call = failing(2);
  assert.equal(await attempted(5, signal, call.run), 'answer');
  assert.equal(call.ran(), 3);
});

test('the last failure is thrown', async () => {
  const call = failing(9);
  await assert.rejects(attempted(3, signal, call.run), /failure 3/);
});

test('a call whose time is over is not repeated', async () => {
  const call = failing(9);
  const over = AbortSignal.abort();
  await assert.rejects(attempted(3, over, call.run), /failure 1/);
});
