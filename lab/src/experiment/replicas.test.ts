import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Replicas } from '@microshop/topology';
import { onOwnMesh } from './own-mesh.ts';
import { refuseOtherReplicas, sameReplicas } from './replicas.ts';

/** Starts and stops as they come; a start with `fails` of them in `fails` fails. */
function starter(fails: readonly string[] = []) {
  const did: string[] = [];
  const text = (replicas: Replicas) => JSON.stringify(replicas);
  return {
    did,
    start: async (replicas: Replicas) => {
      did.push(`start ${text(replicas)}`);
      if (fails.includes(text(replicas))) throw new Error('no memory');
    },
    stop: async (replicas: Replicas) => void did.push(`stop ${text(replicas)}`),
  };
}

test('one replica is meant where none is named', () => {
  assert.ok(sameReplicas({}, { orders: 1 }));
  assert.ok(!sameReplicas({ orders: 3 }, {}));
  assert.ok(!sameReplicas({}, { orders: 3 }));
});

test('a mesh of its own is started with the replicas, and again only for others', async () => {
  const { did, ...own } = starter();
  const result = await onOwnMesh({ orders: 3 }, own, async (mesh) => {
    assert.equal(mesh.own, true);
    await mesh.become({ orders: 3 });
    await mesh.become({});
    await mesh.become({ users: 1 });
    return 7;
  });
  assert.equal(result, 7);
  assert.deepEqual(did, ['start {"orders":3}', 'stop {"orders":3}', 'start {}', 'stop {}']);
});

test('it is taken down whatever becomes of the work, and of its start', async () => {
  const broken = starter();
  await assert.rejects(
    onOwnMesh({}, broken, async () => Promise.reject(new Error('the work broke'))),
    /the work broke/,
  );
  assert.deepEqual(broken.did, ['start {}', 'stop {}']);

  const unstarted = starter(['{}']);
  await assert.rejects(
    onOwnMesh({}, unstarted, async () => assert.fail('begun')),
    /no memory/,
  );
  assert.deepEqual(unstarted.did, ['start {}', 'stop {}']);
});

test('after a start that failed the next one is a start from nothing', async () => {
  const { did, ...own } = starter(['{"orders":3}']);
  await onOwnMesh({}, own, async (mesh) => {
    await assert.rejects(mesh.become({ orders: 3 }), /no memory/);
    await mesh.become({ orders: 1 });
  });
  assert.deepEqual(did, [
    'start {}',
    'stop {}',
    'start {"orders":3}',
    'start {"orders":1}',
    'stop {"orders":1}',
  ]);
});

test('a running mesh with other replicas is refused, with what to type', () => {
  const wanting = [{ name: 'abort-30' }, { name: 'sick-replica', replicas: { orders: 3 } }];
  refuseOtherReplicas(wanting, { users: 1, products: 1, orders: 3 });
  assert.throws(() => refuseOtherReplicas(wanting, { orders: 2 }), {
    name: 'ProvedNothing',
    message:
      'INVALID: the running mesh has other replicas: sick-replica needs ./mesh up --replicas orders=3. After ./mesh down the right mesh is started for the run',
  });
});
