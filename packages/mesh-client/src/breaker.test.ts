import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PeerError } from './errors.ts';
import { answer, classes, deadline, failure, hang, sidecar, until } from './testing/sidecar.ts';

describe('the breaker', () => {
  it('stays closed below its volume, opens after it, and answers at once with the time to wait', async (t) => {
    const { users, behave, seen, lines } = await sidecar(t, { resetTimeoutMs: 2500 });
    behave(answer(503));
    assert.deepEqual(new Set(await classes(users, 20)), new Set(['dependency_unavailable']));
    assert.equal(seen.length, 20);
    const error = await failure(users.get('/api/users/1', { deadline: deadline() }));
    assert.equal(error.errorClass, 'breaker_open');
    assert.equal(error.retryAfterSeconds, 3);
    assert.equal(seen.length, 20, 'an open breaker sends nothing');
    assert.ok(
      lines.some((line) => line['message'] === 'breaker changed' && line['breaker_state'] === 'open'),
    );
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
      const call = failure(users.get('/probe', { deadline: deadline(300) }));
      const refused = await Promise.race([call, admitted]);
      if (refused === undefined) probe = call;
      return probe !== undefined;
    });
    assert.equal((await failure(users.get('/other', { deadline: deadline() }))).errorClass, 'breaker_open');
    assert.equal((await probe)?.errorClass, 'deadline_exceeded');
    assert.deepEqual(await classes(users, 1), ['breaker_open']);
  });

  it('refuses calls beyond its capacity, which says nothing about the peer', async (t) => {
    const { users, behave, seen } = await sidecar(t, { capacity: 3, volumeThreshold: 5 });
    const waiting: (() => void)[] = [];
    behave((request, response) => void waiting.push(() => answer(200, '{}')(request, response)));
    const accepted = Array.from({ length: 3 }, () => users.get('/api/users/1', { deadline: deadline() }));
    const refused = await Promise.all(
      Array.from({ length: 20 }, () => failure(users.get('/api/users/1', { deadline: deadline() }))),
    );
    assert.deepEqual(new Set(refused.map((error) => error.errorClass)), new Set(['overloaded']));
    await until(() => seen.length === 3);
    for (const release of waiting) release();
    for (const response of await Promise.all(accepted)) assert.equal(response.status, 200);
    behave(answer(200, '{}'));
    assert.deepEqual(await classes(users, 1), ['ok']);
  });

  it('does not blame the peer for calls that began too late, but does for those that had their time', async (t) => {
    const { users, behave } = await sidecar(t);
    behave(hang);
    const late = Array.from({ length: 25 }, () => failure(users.get('/a', { deadline: deadline(20) })));
    assert.deepEqual(
      new Set((await Promise.all(late)).map((error) => error.errorClass)),
      new Set(['deadline_exceeded']),
    );
    behave(answer(200, '{}'));
    assert.deepEqual(await classes(users, 1), ['ok']);

    behave(hang);
    const fair = Array.from({ length: 60 }, () => failure(users.get('/a', { deadline: deadline(700) })));
    await Promise.all(fair);
    assert.deepEqual(await classes(users, 1), ['breaker_open']);
  });
});
