import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { ExplainedError, InvalidInputError } from '@microshop/program-kit/errors';
import { logFile, runnerEventsFile } from '@microshop/program-kit/run-directory';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { wipe } from './bring-down.ts';
import { StartFailedError } from './daemon.ts';
import { LockHeldError, lockHolder, takeLock } from './lock.ts';
import { isRunning, statOf } from './proc.ts';
import { identify, until } from './process-group.ts';
import { UnknownPartError } from './supervisor.ts';
import { PartActionError } from './supervisor-client.ts';
import { fakeDaemon, freePort, testPlace } from './testing/fake-mesh.ts';

/** Something that listens, for as long as the test runs. */
async function listening(t: TestContext): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}

test('a mesh in the background is up when its starter returns, and down leaves nothing', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await daemon.up([{ name: 'database' }, { name: 'app', dependsOn: ['database'] }]);

  const status = await daemon.client.status();
  assert.equal(status?.healthy, true);
  assert.deepEqual(
    status.parts.map(({ name, healthy, restarts }) => ({ name, healthy, restarts })),
    [
      { name: 'database', healthy: true, restarts: 0 },
      { name: 'app', healthy: true, restarts: 0 },
    ],
  );
  assert.ok(status.parts.every((part) => (part.rss_bytes ?? 0) > 1_000_000 && (part.uptime_s ?? 0) > 0));
  assert.match(daemon.lines.join('\n'), /database +healthy after/);
  // the addresses are those it was started with, whatever the environment of a later command says
  assert.deepEqual(await daemon.client.place(), { state: 'up', urls: { fake: 'http://127.0.0.1:1' } });

  assert.equal(await daemon.down(), true);
  const pids = [status.supervisor_pid ?? 0, ...status.parts.map((part) => part.pid ?? 0)];
  assert.ok(pids.every((pid) => pid > 0 && !isRunning(statOf(pid))));
  const { lock, state, socket } = place.directory;
  assert.deepEqual([lock, state, socket].filter(existsSync), []);
  assert.equal(await daemon.client.status(), undefined);
  assert.equal(await daemon.down(), false, 'a second time there is nothing to end');
});

test('files are private', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await daemon.up([{ name: 'app' }]);
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  const { directory } = place;
  assert.equal(mode(directory.logs), '700');
  assert.equal(mode(logFile(directory, 'app')), '600');
  assert.equal(mode(logFile(directory, 'runner')), '600');
  assert.equal(mode(runnerEventsFile(directory)), '600');
  assert.equal(mode(directory.state), '600');
  assert.equal(mode(directory.socket), '600');
});

test('parts are stopped, started and restarted from outside', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await daemon.up([{ name: 'users' }, { name: 'orders', dependsOn: ['users'] }]);
  assert.equal((await daemon.client.act('stop', 'users')).state, 'stopped');
  assert.equal((await daemon.client.status())?.healthy, false);
  const started = await daemon.client.act('start', 'users');
  assert.equal(started.healthy, true);
  const restarted = await daemon.client.act('restart', 'users');
  assert.equal(restarted.healthy, true);
  assert.notEqual(restarted.pid, started.pid);
  await assert.rejects(daemon.client.act('stop', 'nix'), (error) => {
    assert.ok(error instanceof InvalidInputError && error instanceof UnknownPartError);
    assert.deepEqual(error.known, ['users', 'orders']);
    assert.match(error.message, /users, orders/);
    return true;
  });
});

test('what a supervisor does not do is an error of its own, with the reason as a code', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await daemon.up([{ name: 'users' }]);
  await daemon.client.act('stop', 'users');
  await assert.rejects(
    daemon.client.fault('users', { kind: 'kill' }),
    (error) => error instanceof PartActionError && error.code === 'no_process',
  );
});

test('what was done to a part for long is ended from outside', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await daemon.up([{ name: 'users' }]);
  const isHealthy = async () => (await daemon.client.status())?.healthy === true;
  await daemon.client.fault('users', { kind: 'pause', ms: 120_000 });
  assert.equal(await isHealthy(), false);
  await daemon.client.endFault('users');
  assert.equal(await isHealthy(), true);
  await assert.rejects(daemon.client.endFault('nix'), UnknownPartError);
});

test('a start that fails is reported with its last lines, and everything is stopped', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await assert.rejects(
    daemon.up([{ name: 'database' }, { name: 'app', dependsOn: ['database'], diesAtOnce: true }]),
    (error) => {
      assert.ok(error instanceof ExplainedError && error instanceof StartFailedError);
      assert.match(error.message, /app ended with code 3; its last lines:/);
      assert.match(error.message, /\| the database is on fire/);
      return true;
    },
  );
  assert.equal(place.events().at(-1), 'database ended');
  assert.equal(existsSync(place.directory.lock), false);
});

test('ports in use are reported with their holder before anything starts', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  const [taken, alsoTaken, free] = [await listening(t), await listening(t), await freePort()];
  await assert.rejects(
    daemon.up([
      { name: 'redis', port: taken },
      { name: 'jaeger', port: alsoTaken },
      { name: 'fine', port: free },
    ]),
    (error) => {
      assert.ok(error instanceof ExplainedError);
      const line = (port: number, name: string) =>
        `127.0.0.1:${port} for ${name}, ${name} (MESH_PORT_${name.toUpperCase()}): in use by pid ${process.pid} (`;
      assert.ok(error.message.includes(line(taken, 'redis')), error.message);
      assert.ok(error.message.includes(line(alsoTaken, 'jaeger')), error.message);
      assert.doesNotMatch(error.message, /fine/);
      return true;
    },
  );
  assert.deepEqual(place.events(), []);
});

test('what a killed supervisor left is ended by the next up, ports and all', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  const port = await freePort();
  const parts = [
    { name: 'app', port, child: true, stopTimeoutMs: 300 },
    { name: 'stubborn', ignoresTerm: true, stopTimeoutMs: 100 },
  ];
  await daemon.up(parts);
  const before = await daemon.client.status();
  const supervisor = before?.supervisor_pid ?? 0;
  process.kill(supervisor, 'SIGKILL');
  await until(() => !isRunning(statOf(supervisor)), 5000);
  const orphans = before?.parts.map((part) => part.pid ?? 0) ?? [];
  assert.ok(
    orphans.every((pid) => isRunning(statOf(pid))),
    'the parts keep running without it',
  );
  assert.deepEqual(
    daemon.client.left(),
    before?.parts.map(({ name, pid }) => ({ name, pid })),
  );
  await assert.rejects(daemon.client.act('stop', 'app'), /its runner.*: app, stubborn\n/);

  await daemon.up(parts);
  assert.match(daemon.lines.join('\n'), /Stopped what an earlier run had left: app, stubborn/);
  assert.ok(orphans.every((pid) => !isRunning(statOf(pid))));
  assert.equal((await daemon.client.status())?.healthy, true);
  assert.deepEqual(daemon.client.left(), [], 'they have a runner again');
});

test('what a killed supervisor left is ended by down', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await daemon.up([{ name: 'app', child: true, stopTimeoutMs: 300 }]);
  const status = await daemon.client.status();
  process.kill(status?.supervisor_pid ?? 0, 'SIGKILL');
  const child = Number(/child (\d+)/.exec(place.events().join())?.[1]);
  assert.equal(await daemon.down(), true);
  assert.equal(isRunning(statOf(status?.parts[0]?.pid ?? 0)), false);
  assert.equal(isRunning(statOf(child)), false);
  const { lock, state, socket } = place.directory;
  assert.deepEqual([lock, state, socket].filter(existsSync), []);
});

test('a record whose pid now belongs to somebody else harms nobody', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await daemon.up([{ name: 'app' }]);
  process.kill((await daemon.client.status())?.supervisor_pid ?? 0, 'SIGKILL');
  const { state } = place.directory;
  const recorded = JSON.parse(readFileSync(state, 'utf8'));
  const [group] = recorded.groups;
  // the record now names this very process by its pid, with the start time of another
  const orphan = group.pid;
  group.pid = process.pid;
  writeFileSync(state, JSON.stringify(recorded));
  assert.deepEqual(daemon.client.left(), [], 'and is not reported as a part that still runs');
  await daemon.down();
  assert.ok(isRunning(statOf(process.pid)));
  // it carries the run's id, so it was found although its record was lost
  assert.equal(isRunning(statOf(orphan)), false);
});

test('a supervisor that hangs is killed by down, and its parts are ended', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await daemon.up([{ name: 'app' }]);
  const status = await daemon.client.status();
  process.kill(status?.supervisor_pid ?? 0, 'SIGSTOP');
  assert.equal(await daemon.down(300), true);
  assert.equal(isRunning(statOf(status?.supervisor_pid ?? 0)), false);
  assert.equal(isRunning(statOf(status?.parts[0]?.pid ?? 0)), false);
});

test('a signal ends the mesh in order; a second one kills what does not end', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await daemon.up([{ name: 'stubborn', ignoresTerm: true, stopTimeoutMs: 3_600_000 }]);
  const status = await daemon.client.status();
  const supervisor = status?.supervisor_pid ?? 0;
  process.kill(supervisor, 'SIGINT');
  await eventually('it is stopping', async () => (await daemon.client.status())?.state === 'stopping');
  process.kill(supervisor, 'SIGINT');
  await eventually('the supervisor has ended', () => !isRunning(statOf(supervisor)));
  assert.equal(isRunning(statOf(status?.parts[0]?.pid ?? 0)), false);
  assert.equal(existsSync(place.directory.lock), false);
});

test('one supervisor per mesh: a second is refused, a lock whose holder is gone is taken over', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await daemon.up([{ name: 'app' }]);
  await assert.rejects(daemon.up([{ name: 'app' }]), /already being run by pid \d+/);
  assert.equal((await daemon.client.status())?.healthy, true, 'the first one is not disturbed');
  await daemon.down();

  // the same pid with another start time: a process that has had this pid before
  const self = identify(process.pid);
  assert.ok(self);
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const content = { ...self, startTicks: self.startTicks - 1, bootId: boot };
  writeFileSync(place.directory.lock, JSON.stringify(content));
  assert.equal(lockHolder(place.directory.lock), undefined);
  const release = takeLock(place.directory.lock);
  assert.equal(lockHolder(place.directory.lock)?.pid, process.pid);
  assert.throws(() => takeLock(place.directory.lock), LockHeldError);
  release();
  assert.equal(existsSync(place.directory.lock), false);
});

test('wipe forgets a mesh, and refuses one that is up', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await daemon.up([{ name: 'app' }]);
  assert.throws(() => wipe(place.directory), LockHeldError);
  await daemon.down();
  wipe(place.directory);
  assert.equal(existsSync(place.directory.path), false);
});
