/** Faults end when it is time, whatever is killed meanwhile. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { faultKeys } from '../harness/envoy.ts';
import { clearFaults, command, listedFaults, wellShop } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';
import { accepted, inTime, placeOrder, request } from '../harness/shop.ts';

/** What a busy machine may add to the time of a fault, milliseconds. */
const lateMs = 15_000;

let user: { id: number };
let product: { id: number };
const place = () => placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 });

before(async () => {
  ({ user, product } = await wellShop(1000));
});
after(clearFaults);

test('a fault ends by itself, with its command killed and the control service killed meanwhile', async (t) => {
  const began = performance.now();
  const killCommand = mesh.startCli(['fault', 'set', 'users', '--abort', '503', '--for', '5s']);
  await eventuallyDespiteErrors(
    'the fault is in effect',
    async () => ((await faultKeys('users')).length > 0 ? true : undefined),
    30_000,
  );
  killCommand();
  const inForce = performance.now();
  const gone = eventuallyDespiteErrors(
    'the fault is over',
    async () => ((await faultKeys('users')).length === 0 ? true : undefined),
    60_000,
  ).then(() => performance.now());
  await mesh.kill('control');
  const controlBack = performance.now();
  const over = await gone;
  t.diagnostic(
    `in effect for ${(over - inForce).toFixed(0)} ms, the control service was back after ${(controlBack - inForce).toFixed(0)} ms`,
  );
  assert.ok(over - began >= 5000, 'not before its time');
  // it needs the control service, which may come back only after the fault's time
  assert.ok(over <= Math.max(inForce + 5000, controlBack) + lateMs, `over after ${over - inForce} ms`);
  assert.equal((await inTime(() => request('GET', `/api/users/${user.id}`))).status, 200);
  assert.deepEqual(await listedFaults(), []);
});

test('a fault that falls due while the control service is down goes on, and ends once it is back', async () => {
  // not of the gateway: the control service is healthy only when it has reached the shop
  await command('fault', 'set', 'users', '--abort', '503', '--from', 'orders', '--for', '12s');
  const due = Date.now() + 12_000;
  await mesh.stop('control');
  try {
    assert.ok(Date.now() < due - 2000, 'it is down before the fault is due');
    await mesh.kill('users-sidecar');
    await delay(Math.max(0, due - Date.now()));
    assert.notDeepEqual(await faultKeys('users'), [], 'the files are unchanged');
  } finally {
    await mesh.start('control');
  }
  assert.deepEqual(await listedFaults(), []);
  await eventuallyDespiteErrors('the sidecar has no fault', async () =>
    (await faultKeys('users')).length === 0 ? true : undefined,
  );
  // the killed sidecar took connections with it
  await accepted(place);
});
