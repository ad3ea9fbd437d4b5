/** What a call leaves behind: a span that has ended, no timer, and for a client that may ask again, when. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SpanStatusCode } from '@opentelemetry/api';
import { breakerOpenError } from './classify.ts';
import type { Deadline } from './deadline.ts';
import { answer, anything, classes, deadline, failure, hang, sidecar, until } from './testing/sidecar.ts';
import { collectSpans } from './testing/telemetry.ts';

/** A deadline in half a minute: until then its timer is there unless the call ends it. */
const farAway: Deadline = {
  expiresAt: Date.now() + 30_000,
  remainingMs: () => 30_000,
  expired: () => false,
  headers: () => ({}),
};

const timers = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

describe('the timer of a deadline', () => {
  for (const [what, status] of [
    ['an answer', 200],
    ['a failure', 503],
  ] as const) {
    it(`ends with ${what}`, async (t) => {
      const { users, behave } = await sidecar(t);
      behave(answer(status, '{}'));
      const before = timers();
      for (let call = 0; call < 40; call += 1) {
        await users.get('/api/users/1', { schema: anything, deadline: farAway }).catch(() => undefined);
      }
      assert.ok(timers() < before + 20, `${timers() - before} timers are left of 40 calls`);
    });
  }
});

describe('the span of a call', () => {
  it('ends with an answer, and with a failure that it names, sent or not', async (t) => {
    const ended = collectSpans(t);
    const { users, behave } = await sidecar(t, { volumeThreshold: 3, timeoutMs: 1000 });
    await users.get('/api/users/1', { schema: anything, deadline: deadline() });
    assert.deepEqual(
      ended().map((span) => span.status.code),
      [SpanStatusCode.UNSET],
    );
    behave(answer(503));
    await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
    behave(hang);
    await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
    await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
    assert.deepEqual(
      ended()
        .slice(1)
        .map((span) => [span.name, span.status.code, span.attributes['error.type']]),
      ['dependency_unavailable', 'dependency_timeout', 'breaker_open'].map((errorClass) => [
        'call users',
        SpanStatusCode.ERROR,
        errorClass,
      ]),
    );
  });
});

describe('a failure that may pass tells when to ask again: in a second or later, never at once', () => {
  it('without an answer, with one that is none, and when the peer is too slow', async (t) => {
    const { users, behave, stop } = await sidecar(t, { timeoutMs: 1000, volumeThreshold: 100 });
    const ask = () => failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
    const failures = [];
    for (const handler of [answer(503), answer(504), answer(200, 'no JSON'), hang]) {
      behave(handler);
      failures.push(await ask());
    }
    await stop();
    failures.push(await ask());
    assert.deepEqual(
      failures.map(({ errorClass, retryAfterSeconds }) => [errorClass, retryAfterSeconds]),
      [
        ['dependency_unavailable', 1],
        ['dependency_timeout', 1],
        ['dependency_unavailable', 1],
        ['dependency_timeout', 1],
        ['dependency_unavailable', 1],
      ],
    );
  });

  it('at capacity', async (t) => {
    const { users, behave, seen } = await sidecar(t, { capacity: 1 });
    behave(hang);
    const underWay = failure(users.get('/api/users/1', { schema: anything, deadline: deadline(500) }));
    await until(() => seen.length === 1);
    const refused = await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
    assert.deepEqual([refused.errorClass, refused.retryAfterSeconds], ['overloaded', 1]);
    await underWay;
  });

  it('while the breaker is open: until it lets a probe through, rounded up', async (t) => {
    const { users, behave } = await sidecar(t, { resetTimeoutMs: 2500 });
    behave(answer(503));
    await classes(users, 20);
    const refused = await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
    assert.deepEqual([refused.errorClass, refused.retryAfterSeconds], ['breaker_open', 3]);
    for (const [remainingMs, seconds] of [
      [2001, 3],
      [2000, 2],
      [1, 1],
      [0, 1],
      [-500, 1],
    ] as const) {
      assert.equal(breakerOpenError('users', remainingMs).retryAfterSeconds, seconds, `${remainingMs} ms`);
    }
  });
});
