/** Policies of a running mesh are changed without a lost request. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { command, resetPolicies, shownPolicy, wellShop } from '../harness/faults.ts';
import { workersDo } from '../harness/load.ts';
import { isLate, placeOrder } from '../harness/shop.ts';

/** Pause of each worker before an order, milliseconds: enough load to lose one, not so much that a busy machine refuses it. */
const pauseMs = 50;

before(resetPolicies);
after(resetPolicies);

test('a policy is changed and set back under load, and no order is lost', async (t) => {
  const { user, product } = await wellShop(100_000);
  let done = false;
  const paced = async () => {
    await delay(pauseMs);
    return await placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 });
  };
  const load = workersDo(4, paced, () => done);
  const limits = ['--tries', '2', '--timeout', '2500ms', '--max-requests', '500', '--breaker-volume', '30'];
  await command('policy', 'set', 'orders', 'products', ...limits);
  const shown = await shownPolicy('orders', 'products');
  assert.deepEqual(shown.changed, {
    tries: 3,
    timeout_ms: 3000,
    max_requests: 1024,
    breaker_volume: 20,
  });
  const { policies } = JSON.parse(await command('policy', 'show', 'orders', 'products', '--json'));
  assert.deepEqual(policies, [shown]);
  await command('policy', 'set', 'gateway', 'orders', '--timeout', '4500ms');
  await command('policy', 'reset');
  assert.deepEqual((await shownPolicy('orders', 'products')).changed, {});
  done = true;
  const answers = await load;
  t.diagnostic(`${answers.length} orders meanwhile`);
  assert.ok(answers.some(({ answer }) => answer.status === 201));
  const lost = answers.filter(({ answer }) => answer.status !== 201 && !isLate(answer));
  assert.deepEqual(
    lost.map(({ answer }) => answer.body),
    [],
  );
});
