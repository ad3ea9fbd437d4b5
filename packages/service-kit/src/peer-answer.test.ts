import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, refusedCall } from './peer-answer.ts';
import { ProblemError } from './problem.ts';

/** A failed call as the mesh client throws it. */
function failed(errorClass: string, retryAfterSeconds?: number): Error {
  return Object.assign(new Error('no answer'), {
    name: 'PeerError',
    peer: 'users',
    errorClass,
    retryAfterSeconds,
  });
}

test('a call that failed is reported with its class, and names the peer', async () => {
  const classes = [
    ['dependency_unavailable', undefined, 503, 1],
    ['dependency_timeout', undefined, 503, 1],
    ['breaker_open', 5, 503, 5],
    ['overloaded', undefined, 503, 1],
    ['deadline_exceeded', undefined, 504, undefined],
  ] as const;
  for (const [errorClass, retryAfter, status, told] of classes) {
    const cause = failed(errorClass, retryAfter);
    const problem = await answerOf('orders', Promise.reject(cause)).catch((error: unknown) => error);
    assert.ok(problem instanceof ProblemError);
    assert.deepEqual(
      [problem.status, problem.code, problem.retryAfterSeconds, problem.members, problem.cause],
      [status, errorClass, told, { dependency: 'users' }, cause],
    );
    assert.match(problem.message, /^users /);
  }
});

test('an answer stays as it is, and so does an error that is not a failed call', async () => {
  assert.equal(await answerOf('orders', Promise.resolve(1)), 1);
  for (const error of [failed('broken'), new Error('no answer')]) {
    await assert.rejects(answerOf('orders', Promise.reject(error)), error);
  }
});

test('a refusal is a peer that cannot be used', () => {
  assert.equal(refusedCall('users', 400).code, 'dependency_unavailable');
  assert.equal(refusedCall('users', 429).code, 'overloaded');
});
