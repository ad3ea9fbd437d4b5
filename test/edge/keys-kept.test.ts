/** Users is down, which publishes the keys: no client notices. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { keyFetches } from '../harness/envoy.ts';
import { mesh } from '../harness/mesh.ts';
import { request } from '../harness/shop.ts';
import { type LoggedIn, newCustomer, showing } from '../harness/sign-in.ts';

/** How long users is down at least, seconds: `MESH_TEST_OUTAGE_S=60` for a longer look. */
const leastSeconds = Number(process.env['MESH_TEST_OUTAGE_S'] ?? 0);

/** Time from the first failure to fetch the keys until those that are there have ended, milliseconds: Envoy asks 5 s before. */
const endedAfterMs = 6000;

let customer: LoggedIn;
before(async () => {
  customer = await newCustomer();
});

test('users is down until the keys that the gateway has fetched have ended: tokens stay valid all the time', async (t) => {
  t.after(() => mesh.start('users'));
  const failed = await keyFetches('failed');
  await mesh.stop('users');
  const began = performance.now();
  let asked = 0;
  const ask = async () => {
    const { status, body } = await request('GET', '/api/orders?limit=1', undefined, showing(customer.token));
    assert.equal(status, 200, JSON.stringify(body));
    asked += 1;
  };
  await eventually('the gateway asks for the keys again, and gets none', async () => {
    await ask();
    return (await keyFetches('failed')) > failed;
  });
  const end = Math.max(performance.now() + endedAfterMs, began + leastSeconds * 1000);
  while (performance.now() < end) {
    await ask();
    await delay(500);
  }
  t.diagnostic(`${asked} requests in ${Math.round((performance.now() - began) / 1000)} s`);
});
