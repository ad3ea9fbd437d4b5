/** Faults from the command line: how they end, whatever is killed meanwhile; and faults of processes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { unfolded } from '../harness/command.ts';
import { faultKeys } from '../harness/envoy.ts';
import { clearFaults, command, listedFaults, wellShop } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';
import { accepted, placeOrder, request } from '../harness/shop.ts';

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
  assert.ok(over <= Math.max(inForce + 5000, controlBack) + 2000, `over after ${over - inForce} ms`);
  assert.equal((await request('GET', `/api/users/${user.id}`)).status, 200);
  assert.deepEqual(await listedFaults(), []);
});

test('a fault that falls due while the control service is down goes on, and ends once it is back', async () => {
  // not of the gateway: the control service is healthy only when it has reached the shop
  await command('fault', 'set', 'users', '--abort', '503', '--from', 'orders', '--for', '20s');
  const due = Date.now() + 20_000;
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
  await accepted(place, 30_000);
});

test('a fault outlives the control service and the sidecar, and does not come back after its end', async () => {
  // not of the gateway: the control service is healthy only when it has reached the shop
  await command('fault', 'set', 'users', '--abort', '503', '--from', 'orders');
  await mesh.kill('users-sidecar');
  assert.equal((await place()).status, 503);
  await mesh.kill('control');
  assert.equal((await listedFaults()).length, 1);
  await clearFaults();
  await mesh.kill('users-sidecar');
  assert.deepEqual(await faultKeys('users'), []);
  // the killed sidecar took connections with it
  await accepted(place, 30_000);
});

/** Runs the command where it reaches processes. */
async function process(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await mesh.hostCli(['fault', 'process', ...args]);
  assert.equal(code, 0, `${stdout}${stderr}`);
  return stdout;
}

/** Status of a request that only users can answer. */
const ask = async () => (await request('GET', `/api/users/${user.id}`)).status;

const answers = () =>
  eventuallyDespiteErrors('users answers', async () => ((await ask()) === 200 ? true : undefined), 60_000);

test('a paused process hangs for its time and goes on, with its command killed meanwhile', async () => {
  await answers();
  const began = performance.now();
  const killCommand = mesh.startHostCli(['fault', 'process', 'users', '--pause', '--for', '7s']);
  try {
    // the gateway's own time limit: users took the call and said nothing
    await eventuallyDespiteErrors(
      'users hangs',
      async () => ((await ask()) === 504 ? true : undefined),
      30_000,
    );
  } finally {
    killCommand();
  }
  await answers();
  assert.ok(performance.now() - began >= 7000, 'not before its time');
});

test('a command that pauses says until when, and does not wait for it', async () => {
  assert.match(
    await process('users', '--pause', '--for', '1s'),
    /^users \(.+\) is paused; it resumes in 1 s$/m,
  );
  await answers();
});

test('a killed process is started again', async () => {
  assert.match(
    await process('users', '--kill'),
    /^users \(.+\) is killed; the (runner|engine) starts it again$/m,
  );
  await answers();
});

test('a fault of a process that cannot be meant is refused with a sentence', async () => {
  const refusals: readonly (readonly [RegExp, readonly string[]])[] = [
    [/--kill, --restart, --pause, .* or --memory-alarm/, ['users']],
    [/--kill, --restart, --pause, .* or --memory-alarm/, ['users', '--kill', '--pause']],
    [/--for does not go with --kill/, ['users', '--kill', '--for', '3s']],
    [/--for must be from 1ms to 10m/, ['users', '--pause', '--for', '11m']],
    [/no part "shipping"; the parts are .*users-sidecar/, ['shipping', '--kill']],
  ];
  await Promise.all(
    refusals.map(async ([sentence, args]) => {
      const { code, stderr } = await mesh.hostCli(['fault', 'process', ...args]);
      assert.equal(code, 2, stderr);
      assert.match(unfolded(stderr), sentence);
      assert.doesNotMatch(stderr, /^\s+at /m);
    }),
  );
});
