/** Faults from the command line: they outlive what is killed; and faults of processes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { unfolded } from '../harness/command.ts';
import { faultKeys } from '../harness/envoy.ts';
import { clearFaults, command, listedFaults, wellShop } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';
import { accepted, inTime, placeOrder, request } from '../harness/shop.ts';

let user: { id: number };
let product: { id: number };
const place = () => placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 });

before(async () => {
  ({ user, product } = await wellShop(1000));
});
after(clearFaults);

test('a fault outlives the control service and the sidecar, and does not come back after its end', async () => {
  // not of the gateway: the control service is healthy only when it has reached the shop
  await command('fault', 'set', 'users', '--abort', '503', '--from', 'orders');
  await mesh.kill('users-sidecar');
  assert.equal((await inTime(place)).status, 503);
  await mesh.kill('control');
  const listed = await listedFaults();
  assert.equal(listed.length, 1);
  assert.deepEqual(JSON.parse(await command('fault', 'list', '--json')), { faults: listed });
  await clearFaults();
  await mesh.kill('users-sidecar');
  assert.deepEqual(await faultKeys('users'), []);
  // the killed sidecar took connections with it
  await accepted(place);
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
  eventuallyDespiteErrors('users answers', async () => ((await ask()) === 200 ? true : undefined));

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
