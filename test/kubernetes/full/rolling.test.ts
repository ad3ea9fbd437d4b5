/** Rolling updates of each other part while clients order, and what clients notice of pods that do not drain. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { identities } from '@microshop/topology';
import { installed, noCluster, replaced, rolledOut } from '../installed.ts';
import { assertUnnoticed, type Load, openLoad, seenOf } from '../load.ts';
import { inEveryRun } from '../rolling.ts';

let load: Load | undefined;

before(async () => {
  if (noCluster === false) load = await openLoad(await installed());
});

after(() => load?.close());

for (const name of identities.filter((other) => other !== inEveryRun)) {
  test(`a rolling update of ${name} under load: no request fails, no order is lost`, {
    skip: noCluster,
  }, async (t) => {
    assert.ok(load);
    const { release } = load;
    await assertUnnoticed(t, load, () => replaced(release, [name]));
  });
}

test(`pods of ${inEveryRun} that have no time to drain are noticed, and no order is lost either`, {
  skip: noCluster,
}, async (t) => {
  assert.ok(load);
  const { release } = load;
  const { kind } = await seenOf(t, load, async () => {
    const pods = ['pods', '--selector', `app.kubernetes.io/name=${inEveryRun}`];
    await release.kubectl('delete', ...pods, '--grace-period=1');
    await rolledOut(release, [inEveryRun]);
  });
  if (kind === 'too busy') return t.skip('the machine is too busy');
  assert.equal(kind, 'noticed');
});
