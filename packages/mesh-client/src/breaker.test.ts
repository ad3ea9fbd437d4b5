import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Type } from 'typebox';
import type { PeerError } from './errors.ts';
import { answer, anything, classes, deadline, failure, hang, sidecar, until } from './testing/sidecar.ts';
import { collectMetrics } from './testing/telemetry.ts';

describe('the breaker', () => {
  it('stays closed below its volume, opens after it, and answers at once with the time to wait', async (t) => {
    const { users, behave, seen, lines } = await sidecar(t, { resetTimeoutMs: 2500 });
    behave(answer(503));
    assert.deepEqual(new Set(await classes(users, 20)), new Set(['dependency_unavailable']));
    assert.equal(seen.length, 20);
    const error = await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
    assert.equal(error.errorClass, 'breaker_open');
    assert.equal(error.retryAfterSeconds, 3);
    assert.equal(seen.length, 20, 'an open breaker sends nothing');
    assert.ok(
      lines.some((line) => line['message'] === 'breaker changed' && line['breaker_state'] === 'open'),
    );
  });

  it('opens on answers of 200 whose body is not what was agreed', async (t) => {
    const { users, behave, seen } = await sidecar(t);
    behave(answer(200, '{"id":"7"}'));
    const ask = () =>
      failure(
        users.get('/api/users/7', { schema: Type.Object({ id: Type.Integer() }), deadline: deadline() }),
      );
    for (let call = 0; call < 20; call += 1) {
      const { errorClass, message } = await ask();
      assert.equal(errorClass, 'dependency_unavailable');
      assert.equal(message, 'users answered 200 with an unusable body: body/id must be integer');
    }
    assert.equal((await ask()).errorClass, 'breaker_open');
    assert.equal(seen.length, 20);
  });

  it('stays closed while no more than its share fails', async (t) => {
    const { users, behave, seen } = await sidecar(t);
    behave((request, response) => answer(seen.length % 2 === 0 ? 503 : 200, '{}')(request, response));
    const found = await classes(users, 40);
    assert.ok(!found.includes('breaker_open'), found.join());
    assert.ok(found.includes('dependency_unavailable'));
  });

  it('closes again after one good probe, and opens again after a bad one', async (t) => {
    const { users, behave } = await sidecar(t, { resetTimeoutMs: 200, rollingCountTimeoutMs: 1000 });
    behave(answer(503));
    await classes(users, 20);
    assert.deepEqual(await classes(users, 1), ['breaker_open']);

    // The probe fails: open again, although the window alone would not open it.
    await until(async () => (await classes(users, 1))[0] === 'dependency_unavailable');
    assert.deepEqual(await classes(users, 1), ['breaker_open']);

    behave(answer(200, '{}'));
    await until(async () => (await classes(users, 1))[0] === 'ok');
    assert.deepEqual(new Set(await classes(users, 10)), new Set(['ok']));
  });

  it('admits one probe at a time, and a probe that runs out of time proves nothing good', async (t) => {
    const { users, behave } = await sidecar(t, { resetTimeoutMs: 200 });
    behave(answer(503));
    await classes(users, 20);
    const admitted = new Promise<undefined>((resolve) => behave(() => resolve(undefined)));
    let probe: Promise<PeerError> | undefined;
    await until(async () => {
      const call = failure(users.get('/probe', { schema: anything, deadline: deadline(300) }));
      const refused = await Promise.race([call, admitted]);
      if (refused === undefined) probe = call;
      return probe !== undefined;
    });
    assert.equal(
      (await failure(users.get('/other', { schema: anything, deadline: deadline() }))).errorClass,
      'breaker_open',
    );
    assert.equal((await probe)?.errorClass, 'deadline_exceeded');
    assert.deepEqual(await classes(users, 1), ['breaker_open']);
  });

  it('refuses calls beyond its capacity, which says nothing about the peer', async (t) => {
    const { users, behave, seen } = await sidecar(t, { capacity: 3, volumeThreshold: 5 });
    const waiting: (() => void)[] = [];
    behave((request, response) => void waiting.push(() => answer(200, '{}')(request, response)));
    const accepted = Array.from({ length: 3 }, () =>
      users.get('/api/users/1', { schema: anything, deadline: deadline() }),
    );
    const refused = await Promise.all(
      Array.from({ length: 20 }, () =>
        failure(users.get('/api/users/1', { schema: anything, deadline: deadline() })),
      ),
    );
    assert.deepEqual(new Set(refused.map((error) => error.errorClass)), new Set(['overloaded']));
    await until(() => seen.length === 3);
    for (const release of waiting) release();
    for (const response of await Promise.all(accepted)) assert.equal(response.status, 200);
    behave(answer(200, '{}'));
    assert.deepEqual(await classes(users, 1), ['ok']);
  });

  it('refuses as an open one, however many ask at once', async (t) => {
    const { users, behave } = await sidecar(t, { capacity: 2, volumeThreshold: 2 });
    behave(answer(503));
    await classes(users, 2);
    const refused = await Promise.all(
      Array.from({ length: 5 }, () =>
        failure(users.get('/api/users/1', { schema: anything, deadline: deadline() })),
      ),
    );
    assert.deepEqual(new Set(refused.map((error) => error.errorClass)), new Set(['breaker_open']));
  });

  it('reports each change of its state, and no other', async (t) => {
    const { users, behave, lines } = await sidecar(t, { volumeThreshold: 2, resetTimeoutMs: 100 });
    behave(answer(503));
    await classes(users, 2);
    behave(answer(200, '{}'));
    await until(async () => (await classes(users, 1))[0] === 'ok');
    await classes(users, 5);
    const states = lines.flatMap((line) =>
      line['message'] === 'breaker changed' ? line['breaker_state'] : [],
    );
    assert.deepEqual(states, ['open', 'half_open', 'closed']);
  });

  it('ends the request of a call that outlived its limit, and counts it', async (t) => {
    const { users, behave } = await sidecar(t, { timeoutMs: 50, volumeThreshold: 2 });
    let left = 0;
    behave((request) => {
      request.socket.once('close', () => {
        left += 1;
      });
    });
    const [first, second] = await classes(users, 2);
    assert.deepEqual([first, second], ['dependency_timeout', 'dependency_timeout']);
    await until(() => left === 2);
    assert.deepEqual(await classes(users, 1), ['breaker_open']);
  });

  it('does not blame the peer for calls that began too late, but does for those that had their time', async (t) => {
    const { users, behave } = await sidecar(t);
    behave(hang);
    const late = Array.from({ length: 25 }, () =>
      failure(users.get('/a', { schema: anything, deadline: deadline(20) })),
    );
    assert.deepEqual(
      new Set((await Promise.all(late)).map((error) => error.errorClass)),
      new Set(['deadline_exceeded']),
    );
    behave(answer(200, '{}'));
    assert.deepEqual(await classes(users, 1), ['ok']);

    behave(hang);
    const fair = Array.from({ length: 60 }, () =>
      failure(users.get('/a', { schema: anything, deadline: deadline(700) })),
    );
    await Promise.all(fair);
    assert.deepEqual(await classes(users, 1), ['breaker_open']);
  });
});

describe('the state of a breaker', () => {
  it('is half open from the end of its pause until a probe has come', async (t) => {
    const points = collectMetrics(t);
    const state = async () => (await points()).find(({ name }) => name === 'shop.breaker.state')?.value;
    const { users, behave } = await sidecar(t, { volumeThreshold: 2, resetTimeoutMs: 100 });
    behave(answer(503));
    await classes(users, 2);
    await until(async () => (await state()) === 1);
    behave(answer(200, '{}'));
    assert.deepEqual(await classes(users, 1), ['ok']);
    assert.equal(await state(), 0);
  });
});

describe('another policy of a running breaker', () => {
  it('is in effect for the next call: closed at first, then by its own numbers', async (t) => {
    const { users, behave, seen, lines, changeBreaker } = await sidecar(t);
    behave(answer(503));
    await classes(users, 20);
    assert.deepEqual(await classes(users, 1), ['breaker_open']);

    changeBreaker({ volumeThreshold: 3, resetTimeoutMs: 2500 });
    assert.deepEqual(await classes(users, 3), Array(3).fill('dependency_unavailable'));
    assert.equal(seen.length, 23);
    const error = await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
    assert.deepEqual([error.errorClass, error.retryAfterSeconds], ['breaker_open', 3]);
    const changes = lines.filter(({ message }) => message === 'breaker changed');
    assert.deepEqual(
      changes.map((line) => line['breaker_state']),
      ['open', 'closed', 'open'],
    );
  });

  it('counts before the first call, too', async (t) => {
    const { users, behave, changeBreaker } = await sidecar(t);
    behave(answer(503));
    changeBreaker({ volumeThreshold: 2 });
    assert.deepEqual(await classes(users, 3), [...Array(2).fill('dependency_unavailable'), 'breaker_open']);
  });

  it('leaves the breaker alone when it is the same', async (t) => {
    const { users, behave, lines, changeBreaker } = await sidecar(t, { volumeThreshold: 2 });
    behave(answer(503));
    await classes(users, 2);
    changeBreaker({});
    assert.deepEqual(await classes(users, 1), ['breaker_open']);
    assert.ok(!lines.some(({ message }) => message === 'policy of a breaker changed'));
  });

  it('is not for calls under way: they have the time they began with, and count for the capacity', async (t) => {
    const { users, behave, seen, changeBreaker } = await sidecar(t);
    const waiting: (() => void)[] = [];
    behave((request, response) => void waiting.push(() => answer(200, '{}')(request, response)));
    const before = Array.from({ length: 2 }, () =>
      users.get('/before', { schema: anything, deadline: deadline() }),
    );
    await until(() => seen.length === 2);

    changeBreaker({ capacity: 2, timeoutMs: 50, volumeThreshold: 1 });
    const refused = await failure(users.get('/refused', { schema: anything, deadline: deadline() }));
    assert.equal(refused.errorClass, 'overloaded');
    changeBreaker({ capacity: 3, timeoutMs: 50, volumeThreshold: 5 });
    const { errorClass, message } = await failure(
      users.get('/short', { schema: anything, deadline: deadline() }),
    );
    assert.deepEqual([errorClass, message], ['dependency_timeout', 'users did not answer within 50 ms']);
    for (const release of waiting) release();
    for (const response of await Promise.all(before)) assert.equal(response.status, 200);
  });

  it('takes over from a circuit whose calls fail later: they do not count as failures', async (t) => {
    const { users, behave, seen, lines, changeBreaker } = await sidecar(t, { volumeThreshold: 1 });
    const waiting: (() => void)[] = [];
    behave((request, response) => void waiting.push(() => answer(503)(request, response)));
    const before = failure(users.get('/before', { schema: anything, deadline: deadline() }));
    await until(() => seen.length === 1);
    changeBreaker({ volumeThreshold: 2 });
    for (const release of waiting) release();
    assert.equal((await before).errorClass, 'dependency_unavailable');
    behave(answer(200, '{}'));
    assert.deepEqual(await classes(users, 1), ['ok']);
    assert.ok(!lines.some(({ message }) => message === 'breaker changed'));
  });

  it('leaves one series of its state, that of the breaker in effect', async (t) => {
    const points = collectMetrics(t);
    const states = async () =>
      (await points()).filter(({ name }) => name === 'shop.breaker.state').map(({ value }) => value);

    const { users, behave, changeBreaker } = await sidecar(t, { volumeThreshold: 2 });
    behave(answer(503));
    await classes(users, 2);
    assert.deepEqual(await states(), [2], 'open');
    for (const volumeThreshold of [3, 4, 5]) changeBreaker({ volumeThreshold });
    assert.deepEqual(await states(), [0], 'closed');
    await classes(users, 5);
    assert.deepEqual(await states(), [2], 'open');
  });
});
