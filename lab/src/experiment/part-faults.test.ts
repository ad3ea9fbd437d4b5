import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { type Restarter, restarts } from './part-faults.ts';

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
