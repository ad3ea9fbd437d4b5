import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { ProvedNothing } from '@microshop/cli/output/errors';
import type { PolicyList } from '@microshop/control/changes/schemas';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { onPlainMesh, type PlainMesh } from './plain-mesh.ts';

const plain: PolicyList = { policies: [], problems: [], waiting_for: [] };

/** A mesh on which a command has left orders with edited code; what is done, in order. */
async function meshWith(t: TestContext, changed: Partial<PlainMesh['control']> = {}) {
  const mutants = await mkdtemp(path.join(tmpdir(), 'mesh-plain-'));
  t.after(() => rm(mutants, { recursive: true }));
  await writeFile(path.join(mutants, 'orders.json'), '{}');
  const did: string[] = [];
  const restarted: MeshStatus['parts'][number] = {
    ...{ name: 'orders', kind: 'service', state: 'running', pid: 1, healthy: true, restarts: 0 },
    ...{ rss_bytes: null, uptime_s: null, last_exit: null, making: null },
  };
  const lab: PlainMesh = {
    control: {
      async leasePolicies() {
        did.push('lease');
        return { id: 'mine', expires_at: 0 };
      },
      renewLease: async () => ({ id: 'mine', expires_at: 0 }),
      async endLease() {
        did.push('give back');
        return plain;
      },
      faults: async () => [],
      policies: async () => plain,
      ...changed,
    },
    client: {
      async act(action, part) {
        did.push(`${action} ${part}`);
        return restarted;
      },
    },
    mutants,
    unwell: async () => [],
    interrupted: new AbortController().signal,
  };
  return { lab, did, mutants };
}

const work = (did: string[]) => async () => void did.push('work');

test('edited code that a killed command has left is ended under the lease, before the work', async (t) => {
  const { lab, did, mutants } = await meshWith(t);
  await onPlainMesh(lab, work(did));
  assert.deepEqual(did, ['lease', 'restart orders', 'work', 'give back']);
  assert.deepEqual(await readdir(mutants), []);
});

test('the edited code of a command that still runs stays: that one has the lease', async (t) => {
  const { lab, did, mutants } = await meshWith(t, {
    leasePolicies: () => Promise.reject(new Error('Policies are being changed for a while already')),
  });
  await assert.rejects(onPlainMesh(lab, work(did)), (error) => {
    assert.ok(error instanceof ProvedNothing);
    assert.match(error.message, /^INVALID: Policies are being changed for a while already$/);
    return true;
  });
  assert.deepEqual([did, await readdir(mutants)], [[], ['orders.json']]);
});

test('a mesh that is not plain is refused, and the lease given back', async (t) => {
  const { lab, did } = await meshWith(t);
  await assert.rejects(
    onPlainMesh({ ...lab, unwell: async () => ['redis'] }, work(did)),
    /^ProvedNothing: An experiment needs a plain mesh\. Here not healthy: redis; /,
  );
  assert.deepEqual(did, ['lease', 'restart orders', 'give back']);
});
