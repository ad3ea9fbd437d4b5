import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from '@microshop/control/trace/verdict';
import { CommandFailed } from '../output/errors.ts';
import { NoTraceError, whenComplete } from './control-client.ts';

const verdict = (complete: boolean): Verdict => ({
  trace_id: 'a'.repeat(32),
  of: 'order',
  order_id: 1,
  complete,
  missing: [],
  roots: 1,
  orphans: 0,
  spans: [],
});

/** Answers one after the other; the last again and again. */
function answers(...all: readonly (Verdict | Error)[]): () => Promise<Verdict> {
  let next = 0;
  return async () => {
    const answer = all[Math.min(next, all.length - 1)];
    next += 1;
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no answer');
    return answer;
  };
}

test('a trace that comes late, and then in parts, is waited for', async () => {
  const look = answers(new NoTraceError('none', 60_000), verdict(false), verdict(true));
  let waits = 0;
  const told = () => {
    waits += 1;
  };
  assert.equal((await whenComplete(look, 60_000, told)).complete, true);
  assert.equal(waits, 1, 'a wait is reported once');
});

test('what is there at once is not waited for', async () => {
  await whenComplete(answers(verdict(true)), 60_000, () => assert.fail('nothing to wait for'));
  await whenComplete(answers(verdict(false)), 0, () => assert.fail('no time to wait'));
});

test('after the wait the last verdict counts, and no trace is an error', async () => {
  assert.equal((await whenComplete(answers(verdict(false)), 0)).complete, false);
  await assert.rejects(whenComplete(answers(new NoTraceError('none', 60_000)), 0), NoTraceError);
});

test('a trace that will not come is waited for no longer than it could', async () => {
  const look = answers(new NoTraceError('nobody knows it', 300));
  let most = 0;
  const began = performance.now();
  await assert.rejects(
    whenComplete(look, 600_000, (mostMs) => {
      most = mostMs;
    }),
    /nobody knows it/,
  );
  assert.equal(most, 300);
  assert.ok(performance.now() - began < 60_000);
  const never = answers(new NoTraceError('nobody knows it', 0));
  await assert.rejects(whenComplete(never, 600_000, () => assert.fail('nothing to wait for')));
});

test('any other failure ends the wait at once', async () => {
  const look = answers(new CommandFailed('There is no order 7'), verdict(true));
  await assert.rejects(whenComplete(look, 60_000), /no order 7/);
});
