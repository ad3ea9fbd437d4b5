/** Rolling updates while clients order: of each part, and of all at once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { identities } from '@microshop/topology';
import { noCluster } from '../installed.ts';
import { failuresIn } from '../ledger.ts';
import { assertUnnoticed, type Load, openLoad } from '../load.ts';

let load: Load | undefined;

before(async () => {
  if (noCluster === false) load = await openLoad();
});

after(() => load?.close());

test('what counts as a failure: whatever is no acceptance, a refusal as well', () => {
  const lines = [0, 201, 429, 503, 504].map((status) => ({
    key: String(status),
    order_id: null,
    status,
    trace_id: '',
    t: 0,
  }));
  assert.deepEqual(
    failuresIn([{ lines }]).map(({ status }) => status),
    [0, 429, 503, 504],
  );
});

for (const name of identities) {
  test(`a rolling update of ${name} under load: no request fails, no order is lost`, {
    skip: noCluster,
  }, async (t) => {
    assert.ok(load);
    await assertUnnoticed(t, load, [name]);
  });
}

test('a rolling update of all at once under load: no request fails, no order is lost', {
  skip: noCluster,
}, async (t) => {
  assert.ok(load);
  await assertUnnoticed(t, load, identities);
});
