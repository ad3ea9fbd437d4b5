/** Users is down, which publishes the keys: no client notices. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { publicKeys } from '@microshop/topology';
import { counters } from '../harness/envoy.ts';
import { mesh } from '../harness/mesh.ts';
import { request } from '../harness/shop.ts';
import { type LoggedIn, newCustomer, showing } from '../harness/sign-in.ts';

/** How long users is down, seconds: longer than the gateway keeps the keys that it has fetched. `MESH_TEST_OUTAGE_S=60` for longer. */
const downSeconds = Number(process.env['MESH_TEST_OUTAGE_S'] ?? publicKeys.cacheSeconds + 5);

let customer: LoggedIn;
before(async () => {
  customer = await newCustomer();
});

/** How often the gateway could not fetch them. */
async function failures(): Promise<number> {
  const found = await counters('gateway', 'jwks_fetch_failed');
  return [...found.values()].reduce((sum, count) => sum + count, 0);
}

test(`users is down for ${downSeconds} s: tokens stay valid all the time`, async (t) => {
  t.after(() => mesh.start('users'));
  const failed = await failures();
  await mesh.stop('users');
  const end = performance.now() + downSeconds * 1000;
  let asked = 0;
  while (performance.now() < end) {
    const { status, body } = await request('GET', '/api/orders?limit=1', undefined, showing(customer.token));
    assert.equal(status, 200, JSON.stringify(body));
    asked += 1;
    await delay(500);
  }
  assert.ok(asked > downSeconds / 2);
  assert.ok((await failures()) > failed, 'the gateway has asked for them meanwhile');
});
