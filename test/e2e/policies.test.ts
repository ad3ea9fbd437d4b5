/** Policies of a running mesh: in effect at once in Envoys and breakers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { edgePolicy } from '@microshop/topology';
import { counters } from '../harness/envoy.ts';
import { command, resetPolicies, shownPolicy, wellShop, withFaults } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';
import { orderPlaced, placeOrder } from '../harness/shop.ts';

let user: { id: number };
let product: { id: number };

const order = () => ({ user_id: user.id, product_id: product.id, quantity: 1 });
const place = () => placeOrder(order());

before(async () => {
  await resetPolicies();
  ({ user, product } = await wellShop(100_000));
});
after(resetPolicies);

test('a shorter limit is in effect at once', async () => {
  await command(
    'policy',
    'set',
    'orders',
    'users',
    '--tries',
    '1',
    '--per-try-timeout',
    '300ms',
    '--timeout',
    '400ms',
  );
  await withFaults([{ service: 'users', from: 'orders', delay_ms: 7000 }], async () => {
    const times: number[] = [];
    // the quickest counts: a busy machine holds up some
    for (let n = 0; n < 3; n += 1) {
      const began = performance.now();
      const answer = await place();
      times.push(performance.now() - began);
      assert.deepEqual([answer.status, answer.body.code], [503, 'dependency_timeout']);
    }
    const before = edgePolicy.tries * edgePolicy.perTryTimeoutMs;
    assert.ok(Math.min(...times) < before, `sooner than the policy from before would end it: ${times}`);
  });
  await command('policy', 'reset', 'orders', 'users');
});

test('another breaker is in effect at once, by its own numbers; set back, it begins closed', async () => {
  const edge = ['orders', 'users'];
  // the times are long, so that the calls alone decide, however slow the machine is
  const long = ['--breaker-window', '60s', '--breaker-reset', '60s'];
  await command('policy', 'set', ...edge, '--breaker-volume', '3', '--breaker-errors', '10', ...long);
  const codes = async (orders: number) => {
    const found: unknown[] = [];
    while (found.length < orders) found.push((await place()).body.code);
    return found;
  };
  await withFaults([{ service: 'users', from: 'orders', abort: 503 }], async () => {
    const failed = Array(3).fill('dependency_unavailable');
    assert.deepEqual(await codes(5), [...failed, 'breaker_open', 'breaker_open']);
  });
  assert.deepEqual(await codes(1), ['breaker_open'], 'users is well again, the breaker waits');

  await command('policy', 'reset', ...edge);
  assert.deepEqual((await shownPolicy('orders', 'users')).changed, {});
  await orderPlaced(order());
});

test('a file of policies is read from standard input; what was exported changes nothing', async () => {
  const exported = await command('policy', 'export');
  const { code, stdout, stderr } = await mesh.cli(['policy', 'apply', '-', '--json'], exported);
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(JSON.parse(stdout).differences, []);
});

test('no Envoy has refused a file it watches', async () => {
  for (const envoy of ['gateway', 'users', 'products', 'orders']) {
    const found = await counters(
      envoy,
      '(cds|lds|rds\\.\\w+|sds\\.\\w+|runtime)\\.update_(success|rejected)$',
    );
    const count = (ending: string) =>
      [...found].filter(([name, value]) => name.endsWith(ending) && value > 0).map(([name]) => name);
    assert.ok(count('.update_success').length > 0, `${envoy} watches files`);
    assert.deepEqual(count('.update_rejected'), [], envoy);
  }
});
