/** Parts that hang or crash on purpose. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import type { Part } from './part.ts';
import { NoImpairmentError, NoProcessError } from './part-runner.ts';
import { isRunning, statOf } from './proc.ts';
import { superviseFakes, type TestPlace, testPlace } from './testing/fake-mesh.ts';
import { fakePart } from './testing/fake-part.ts';

/** Longer than the test: a pause that must be ended by something else. */
const longMs = 120_000;

const isPaused = (pid: number) => statOf(pid)?.state === 'T';

test('a paused part hangs with its children, and goes on by itself', async (t) => {
  const place = testPlace(t);
  const { supervisor } = superviseFakes(place, [{ name: 'app', child: true, stopTimeoutMs: 200 }]);
  await supervisor.startAll();
  const child = Number(/child (\d+)/.exec(place.events().join())?.[1]);
  const app = supervisor.part('app');

  const pid = await app.pause(500);
  await eventually('both are stopped', () => isPaused(pid) && isPaused(child));
  const paused = await app.status();
  assert.deepEqual([paused.state, paused.healthy, paused.pid], ['paused', false, pid]);
  await eventually('both go on', () => !isPaused(pid) && !isPaused(child));
  const after = await app.status();
  assert.deepEqual([after.state, after.healthy, after.pid, after.restarts], ['running', true, pid, 0]);
});

test('a paused part that is stopped ends in order', async (t) => {
  const place = testPlace(t);
  const { supervisor } = superviseFakes(place, [{ name: 'app' }]);
  await supervisor.startAll();
  const app = supervisor.part('app');
  const pid = await app.pause(longMs);
  await eventually('it is stopped', () => isPaused(pid));
  await app.stop();
  assert.equal(place.events().at(-1), 'app ended', 'it heard its signal');
  assert.ok(!isRunning(statOf(pid)));
  await assert.rejects(app.pause(longMs), NoProcessError);
  await assert.rejects(app.crash(), NoProcessError);
});

test('a crashed part, also one that was paused, is started again and counted', async (t) => {
  const place = testPlace(t);
  const { supervisor } = superviseFakes(place, [{ name: 'app' }]);
  await supervisor.startAll();
  const app = supervisor.part('app');
  await app.pause(longMs);
  const killed = await app.crash();
  const again = await eventually('it runs again', async () => {
    const status = await app.status();
    return status.healthy && status.pid !== killed ? status : undefined;
  });
  assert.equal(again.restarts, 1);
  assert.equal(again.state, 'running');
  assert.match(again.last_exit ?? '', /SIGKILL/);
});

test('a part that is down stays down for its time, then it is started again', async (t) => {
  const place = testPlace(t);
  const { supervisor } = superviseFakes(place, [{ name: 'app' }]);
  await supervisor.startAll();
  const app = supervisor.part('app');
  const pid = await app.down(500);
  assert.ok(!isRunning(statOf(pid)));
  assert.equal((await app.status()).state, 'stopped');
  const again = await eventually('it runs again', async () => {
    const status = await app.status();
    return status.healthy ? status : undefined;
  });
  assert.notEqual(again.pid, pid);
});

test('what is done to a part for a time ends before it when that is asked for', async (t) => {
  const place = testPlace(t);
  const { part, done } = impairable(place);
  const { supervisor } = superviseFakes(place, [{ name: 'app' }, { name: 'other' }], undefined, [part]);
  await supervisor.startAll();
  const app = supervisor.part('app');
  const pid = await app.pause(longMs);
  await eventually('it is stopped', () => isPaused(pid));
  app.endFault();
  await eventually('it goes on', () => !isPaused(pid));
  assert.equal((await app.status()).state, 'running');

  const other = supervisor.part('other');
  await other.down(longMs);
  other.endFault();
  await eventually('it runs again', async () => ((await other.status()).healthy ? true : undefined));

  const server = supervisor.part('server');
  await server.impair('read-only', longMs);
  server.endFault();
  await eventually('it has ended', async () => ((await server.impaired()) === undefined ? true : undefined));
  assert.deepEqual(done, ['begin', 'end']);

  // where nothing is done, nothing ends
  app.endFault();
  assert.equal((await app.status()).pid, pid);
});

test('a part that is down and then stopped is not started again', async (t) => {
  const place = testPlace(t);
  const { supervisor } = superviseFakes(place, [{ name: 'app' }, { name: 'other' }]);
  await supervisor.startAll();
  const app = supervisor.part('app');
  await app.down(200);
  await app.stop();
  // this one comes back after the time of both is over
  await supervisor.part('other').down(400);
  await eventually('the other runs again', async () =>
    (await supervisor.part('other').status()).healthy ? true : undefined,
  );
  assert.equal((await app.status()).state, 'stopped');
});

/** A part that can be put into a state, with what was done to it. */
function impairable(place: TestPlace): { part: Part; done: string[] } {
  const done: string[] = [];
  const part = {
    ...fakePart({ name: 'server' }, place.root),
    impairments: {
      'read-only': {
        begin: async () => void done.push('begin'),
        end: async () => void done.push('end'),
        seen: async () => ({ in_effect: true, hits: 3, counted: 'writes were refused' }),
      },
    },
  };
  return { part, done };
}

test('a server is put into a state for a time, which ends by itself; what it does not know is refused', async (t) => {
  const place = testPlace(t);
  const { part, done } = impairable(place);
  const { supervisor } = superviseFakes(place, [], undefined, [part]);
  await supervisor.startAll();
  const server = supervisor.part('server');
  assert.equal(await server.impaired(), undefined);
  await server.impair('read-only', 300);
  assert.deepEqual(await server.impaired(), { in_effect: true, hits: 3, counted: 'writes were refused' });
  assert.deepEqual(done, ['begin']);
  await eventually('it has ended', async () => ((await server.impaired()) === undefined ? true : undefined));
  assert.deepEqual(done, ['begin', 'end']);
  await assert.rejects(server.impair('memory-alarm', 300), NoImpairmentError);
});

test('a state ends with a stop; a crash takes it along', async (t) => {
  const place = testPlace(t);
  const { part, done } = impairable(place);
  const { supervisor } = superviseFakes(place, [], undefined, [part]);
  await supervisor.startAll();
  const server = supervisor.part('server');
  await server.impair('read-only', longMs);
  await server.stop();
  assert.deepEqual(done, ['begin', 'end']);
  await server.start();
  await server.impair('read-only', longMs);
  await server.crash();
  assert.equal(await server.impaired(), undefined);
  assert.deepEqual(done, ['begin', 'end', 'begin']);
});
