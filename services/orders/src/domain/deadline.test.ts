import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadlineFromHeaders } from '@microshop/mesh-client';
import { ProblemError } from '@microshop/service-kit';
import { deadlineHeaders, requestDeadlineMs } from '@microshop/topology';
import { checkDeadline, withinDeadline } from './deadline.ts';

/** A deadline in so many milliseconds. */
function endsIn(ms: number) {
  return deadlineFromHeaders({ [deadlineHeaders.start]: String(Date.now() - requestDeadlineMs + ms) });
}

const exceeded = (step: string) => (error: unknown) =>
  error instanceof ProblemError &&
  error.status === 504 &&
  error.code === 'deadline_exceeded' &&
  error.message.endsWith(`were over before ${step}`);

const none = () => assert.fail('nothing fails late');

test('no step begins after the deadline', () => {
  checkDeadline(endsIn(1000), 'the checks');
  assert.throws(() => checkDeadline(endsIn(0), 'the checks'), exceeded('the checks'));
});

test('work that ends in time is the answer, or its failure is', async () => {
  assert.equal(await withinDeadline(endsIn(1000), Promise.resolve(7), none), 7);
  const failure = new Error('refused');
  await assert.rejects(withinDeadline(endsIn(1000), Promise.reject(failure), none), failure);
});

test('work that does not end is answered 504 at the deadline, and goes on', async () => {
  const work = Promise.withResolvers<number>();
  await assert.rejects(withinDeadline(endsIn(20), work.promise, none), exceeded('its outcome was known'));
  work.resolve(7);
  assert.equal(await work.promise, 7);
});

test('a failure after that is reported', async () => {
  const work = Promise.withResolvers<number>();
  const late = Promise.withResolvers<unknown>();
  await assert.rejects(
    withinDeadline(endsIn(20), work.promise, late.resolve),
    exceeded('its outcome was known'),
  );
  const failure = new Error('the connection is lost');
  work.reject(failure);
  assert.equal(await late.promise, failure);
});
