/** What a killed supervisor has left is known by its processes alone: its records may be gone, with its directory. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { isRunning, statOf } from './proc.ts';
import { until } from './process-group.ts';
import { type FakeDaemon, fakeDaemon, freePort, testPlace } from './testing/fake-mesh.ts';
import { leftOf } from './testing/left-of.ts';

/** Kills the supervisor of a mesh that is up; the pids of its parts. */
async function killSupervisor({ client }: FakeDaemon): Promise<readonly number[]> {
  const status = await client.status();
  const supervisor = status?.supervisor_pid ?? 0;
  process.kill(supervisor, 'SIGKILL');
  await until(() => !isRunning(statOf(supervisor)), 5000);
  return status?.parts.map(({ pid }) => pid ?? 0) ?? [];
}

const running = (pids: readonly number[]) => pids.filter((pid) => isRunning(statOf(pid)));

test('what was left in a directory that was deleted is ended by the next up there', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  const parts = [{ name: 'app', port: await freePort(), child: true, stopTimeoutMs: 300 }];
  await daemon.up(parts);
  const left = await killSupervisor(daemon);
  rmSync(place.directory.path, { recursive: true });
  assert.deepEqual(running(left), left);

  await daemon.up(parts);
  assert.deepEqual(running(left), []);
  assert.match(
    daemon.lines.join('\n'),
    /^Killed what an earlier run had left without a record: pids \d+, \d+$/m,
  );
  assert.equal((await daemon.client.status())?.healthy, true);
});

test('and by down', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await daemon.up([{ name: 'app', child: true, stopTimeoutMs: 300 }]);
  await killSupervisor(daemon);
  rmSync(place.directory.path, { recursive: true });
  assert.equal(await daemon.down(), true);
  assert.deepEqual(leftOf(place), []);
  assert.equal(await daemon.down(), false, 'a second time there is nothing to end');
});

/** Up on a port that a mesh of another directory has: what it says. */
async function refusal(daemon: FakeDaemon, port: number): Promise<string> {
  let said = '';
  await assert.rejects(daemon.up([{ name: 'app', port }]), (error) => {
    said = error instanceof Error ? error.message : '';
    return true;
  });
  return said;
}

/** The command at the end of the line that names the directory. */
const commandIn = (said: string, directory: string) =>
  said
    .split('\n')
    .find((line) => line.includes(`in ${directory},`))
    ?.match(/ended by: (.*)$/)?.[1] ?? said;

test('a port that a mesh of another directory has left is reported with the command that ends what is left', async (t) => {
  const [first, second] = [testPlace(t), testPlace(t)];
  const [daemon, next] = [fakeDaemon(first), fakeDaemon(second)];
  const port = await freePort();
  await daemon.up([{ name: 'app', port, child: true }]);
  const { path: directory } = first.directory;

  const command = path.join(first.root, 'mesh');
  writeFileSync(command, '');
  assert.equal(commandIn(await refusal(next, port), directory), `MESH_INSTANCE=1 ${command} down`);

  rmSync(command);
  const status = await daemon.client.status();
  assert.equal(commandIn(await refusal(next, port), directory), `kill ${status?.supervisor_pid}`);

  await killSupervisor(daemon);
  rmSync(directory, { recursive: true });
  const kill = commandIn(await refusal(next, port), directory);
  assert.match(kill, /^kill -9 \d+ \d+$/);
  execFileSync('sh', ['-c', kill]);
  await eventually('nothing is left', () => leftOf(first).length === 0);
  await next.up([{ name: 'app', port }]);
});
