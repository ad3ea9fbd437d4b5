/** Parts that hang or crash on purpose. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { NoProcessError } from './part-runner.ts';
import { isRunning, statOf } from './proc.ts';
import { superviseFakes, testPlace } from './testing/fake-mesh.ts';

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
