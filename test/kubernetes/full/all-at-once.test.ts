/** A rolling update of every part at the same time while clients order: on two cores it takes as long as those of all parts one by one. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { identities } from '@microshop/topology';
import { installed, noCluster, replaced } from '../installed.ts';
import { assertUnnoticed, type Load, openLoad } from '../load.ts';

let load: Load | undefined;

before(async () => {
  if (noCluster === false) load = await openLoad(await installed());
});

after(() => load?.close());

test('a rolling update of all at once under load: no request fails, no order is lost', {
  skip: noCluster,
}, async (t) => {
  assert.ok(load);
  const { release } = load;
  await assertUnnoticed(t, load, () => replaced(release, identities));
});
