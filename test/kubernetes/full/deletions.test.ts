/** Pods end at random while clients order, some without time to leave: clients may see failures then, and no order is lost. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { identities } from '@microshop/topology';
import { randomFrom, seedOfRun, shuffled } from '../../harness/random.ts';
import { installed, noCluster, podsOf, rolledOut } from '../installed.ts';
import { assertSound, statusesOf } from '../ledger.ts';
import { type Load, openLoad, rate } from '../load.ts';

/** How long pods are deleted at least, milliseconds, and how many of those are gone by then. */
const deletionsMs = 60_000;
const leastGone = 10;

/** Pause between two deletions, milliseconds. */
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
  const deleted: { readonly name: string; readonly hasTime: boolean }[] = [];
  const bought = await load.during(rate, async () => {
    const began = performance.now();
    for (;;) {
      const pods = await podsOf(release, ...identities);
      const gone = deleted.filter(({ name }) => !pods.some((pod) => pod.name === name)).length;
      const passedMs = performance.now() - began;
      if (passedMs >= deletionsMs && gone >= leastGone) {
        t.diagnostic(`${gone} pods gone in ${(passedMs / 1000).toFixed(0)} s`);
        break;
      }
      const staying = pods.filter(({ leaves }) => !leaves).map(({ name }) => name);
      const [name] = shuffled(staying.sort(), random);
      assert.ok(name !== undefined);
      const hasTime = random() < 0.5;
      await release.kubectl('delete', 'pod', name, '--wait=false', ...(hasTime ? [] : ['--grace-period=1']));
      deleted.push({ name, hasTime });
      await delay(pauseMs);
    }
    await rolledOut(release, identities);
  });
  const named = deleted.map(({ name, hasTime }) => `${name}${hasTime ? '' : ' (1 s)'}`);
  t.diagnostic(`deleted ${named.join(', ')}`);
  t.diagnostic(`${bought.length} orders; ${statusesOf(bought)}`);
  assert.deepEqual(
    bought.filter(({ last }) => last?.status !== 201).map(({ key, last }) => `${key}: ${last?.text}`),
    [],
  );
  await assertSound(release, bought);
});
