import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { type Restarter, restarts, setPartFault } from './part-faults.ts';

type Part = MeshStatus['parts'][number];

const part = (name: string, pid: number | null): Part => ({
  name,
  kind: 'service',
  state: 'running',
  pid,
  healthy: true,
  restarts: 0,
  rss_bytes: null,
  uptime_s: null,
  last_exit: null,
  making: null,
});

/** A mesh whose parts have pids 1, 2, …; a restart gives the part the pid of `after`, in the order that `asked` keeps. */
function meshOf(names: readonly string[], after: (name: string) => number | null) {
  const asked: string[] = [];
  const client: Restarter = {
    status: async () => ({
      instance: 1,
      running: true,
      state: 'up',
      healthy: true,
      supervisor_pid: 1,
      replicas: {},
      urls: {},
      parts: names.map((name, index) => part(name, index + 1)),
    }),
    async act(action, name) {
      asked.push(`${action} ${name}`);
      return part(name, after(name));
    },
  };
  return { client, asked };
}

test('restarts have landed when each part runs under another pid, one after the other', async () => {
  const { client, asked } = meshOf(['redis', 'users'], () => 99);
  const fault = restarts(client, ['redis', 'users']);
  await fault.course;
  assert.deepEqual(asked, ['restart redis', 'restart users']);
  assert.deepEqual(await fault.heal(), { landed: true, saw: 'all 2 parts run under another pid' });
});

test('a part that runs as before, or not at all, is no witness', async () => {
  const pids = new Map([
    ['redis', 1],
    ['users', 99],
  ]);
  const { client } = meshOf(['redis', 'users', 'orders'], (name) => pids.get(name) ?? null);
  const witness = await restarts(client, ['redis', 'users', 'orders']).heal();
  assert.deepEqual(witness, { landed: false, saw: 'not restarted: redis, orders' });
});

test('a restart that fails ends the phase, and whoever ends the fault hears of it', async () => {
  const { client } = meshOf(['redis'], () => {
    throw new Error('redis did not become healthy');
  });
  const fault = restarts(client, ['redis']);
  await fault.course;
  await assert.rejects(fault.heal(), /redis did not become healthy/);
});

/** A runner with that process, and what is asked of it; a server's state lasts until it is ended. */
function runnerOf(pid: number, end: () => void) {
  const asked: string[] = [];
  let ended = false;
  const client = {
    async fault(name: string, { kind }: { readonly kind: string }) {
      asked.push(`${kind} ${name}`);
      return pid;
    },
    impaired: async () => (ended ? undefined : { in_effect: true, hits: 3, counted: 'writes were refused' }),
    async endFault(name: string) {
      asked.push(`end ${name}`);
      ended = true;
      end();
    },
    status: async () => undefined,
  };
  return { asked, hands: { client, control: { audit: () => Promise.reject(new Error('not asked')) } } };
}

const longMs = 600_000;

test('what is done to a part for long is ended at once when the run is interrupted, with its witness', async (t) => {
  const child = spawn('/bin/sleep', ['600']);
  t.after(() => child.kill('SIGKILL'));
  const { pid } = child;
  assert.ok(pid !== undefined);
  child.kill('SIGSTOP');
  const paused = runnerOf(pid, () => child.kill('SIGCONT'));
  const pause = await setPartFault({ kind: 'pause', part: 'redis' }, longMs, paused.hands);
  assert.equal((await pause.heal()).landed, true);
  assert.deepEqual(paused.asked, ['pause redis', 'end redis']);

  const alarmed = runnerOf(pid, () => undefined);
  const alarm = await setPartFault({ kind: 'memory-alarm', part: 'rabbitmq' }, longMs, alarmed.hands);
  assert.equal((await alarm.heal()).landed, true);
  assert.deepEqual(alarmed.asked, ['memory-alarm rabbitmq', 'end rabbitmq']);
});

test('what has lasted as long as it was to last ends by itself', async () => {
  const { asked, hands } = runnerOf(1, () => undefined);
  const alarm = await setPartFault({ kind: 'memory-alarm', part: 'rabbitmq' }, 1, {
    ...hands,
    client: { ...hands.client, impaired: async () => undefined },
  });
  await alarm.heal();
  assert.deepEqual(asked, ['memory-alarm rabbitmq']);
});
