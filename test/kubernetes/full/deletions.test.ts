/** Pods end at random while clients order, some without time to leave: clients may see failures then, and no order is lost. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { identities } from '@microshop/topology';
import { randomFrom, seedOfRun, shuffled } from '../../harness/random.ts';
import { installed, noCluster, podsOf, rolledOut } from '../installed.ts';
import { assertSound, statusesOf } from '../ledger.ts';
import { type Load, openLoad, rate } from '../load.ts';

/** How long pods are deleted, milliseconds, and the pause between two. */
const deletionsMs = 60_000;
const pauseMs = 4000;

let load: Load | undefined;

before(async () => {
  if (noCluster === false) load = await openLoad(await installed());
});

after(() => load?.close());

test('pods deleted at random, some without time to leave: clients that send their key again lose no order', {
  skip: noCluster,
}, async (t) => {
  assert.ok(load);
  const { release } = load;
  const seed = seedOfRun();
  t.diagnostic(`MESH_SEED=${seed}`);
  const random = randomFrom(seed);
  const deleted: string[] = [];
  const bought = await load.during(rate, async () => {
    const end = performance.now() + deletionsMs;
    while (performance.now() < end) {
      const pods = (await Promise.all(identities.map((name) => podsOf(release, name)))).flat();
      const staying = pods.filter(({ leaves }) => !leaves).map(({ name }) => name);
      const [pod] = shuffled(staying.sort(), random);
      assert.ok(pod !== undefined);
      const hasTime = random() < 0.5;
      await release.kubectl('delete', 'pod', pod, '--wait=false', ...(hasTime ? [] : ['--grace-period=1']));
      deleted.push(`${pod}${hasTime ? '' : ' (1 s)'}`);
      await delay(pauseMs);
    }
    await rolledOut(release, identities);
  });
  t.diagnostic(`deleted ${deleted.join(', ')}`);
  t.diagnostic(`${bought.length} orders; ${statusesOf(bought)}`);
  assert.ok(deleted.length >= 10, `only ${deleted.length} were deleted`);
  assert.deepEqual(
    bought.filter(({ last }) => last?.status !== 201).map(({ key, last }) => `${key}: ${last?.text}`),
    [],
  );
  await assertSound(release, bought);
});
