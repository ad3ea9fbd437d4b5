/** What the retries of the caller's sidecar achieve: a service that fails three times in ten looks almost well. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { attemptsTo } from '../harness/envoy.ts';
import { change, clearFaults, wellShop, withFaults } from '../harness/faults.ts';
import { workersDo } from '../harness/load.ts';
import { placeOrder } from '../harness/shop.ts';

const workers = 8;
const orders = 320;

let user: { id: number };
let product: { id: number };
const place = () => placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 });

before(async () => {
  await change('DELETE', '/api/policies');
  ({ user, product } = await wellShop(100_000));
});
after(async () => {
  await clearFaults();
  await change('DELETE', '/api/policies');
});

/** Share of orders that were accepted, and attempts per call at the sidecar, with products failing 30 % of its calls. */
async function measure(): Promise<{ success: number; attemptsPerCall: number; answers: number }> {
  return await withFaults([{ service: 'products', from: 'orders', abort: 503, percent: 30 }], async () => {
    const before = await attemptsTo('products');
    const answers = await workersDo(workers, place, (soFar) => soFar.length >= orders);
    const now = await attemptsTo('products');
    const accepted = answers.filter(({ answer }) => answer.status === 201).length;
    const calls = now.calls - before.calls;
    assert.equal(calls, answers.length, 'every order made one call of products');
    return {
      success: accepted / answers.length,
      attemptsPerCall: (now.attempts - before.attempts) / calls,
      answers: answers.length,
    };
  });
}

test('30 % of the calls of products fail: orders hardly notice', async (t) => {
  const { success, attemptsPerCall, answers } = await measure();
  t.diagnostic(
    `${answers} orders: success ${success.toFixed(3)}, ${attemptsPerCall.toFixed(2)} attempts per call`,
  );
  assert.ok(success >= 0.95, `success ${success}`);
  assert.ok(attemptsPerCall <= 1.6, `${attemptsPerCall} attempts per call`);
  assert.ok(attemptsPerCall > 1.1, 'the fault was there');
});

test('with a single attempt many orders fail', async (t) => {
  await change('PUT', '/api/policies/orders/products', { tries: 1 });
  const { success, attemptsPerCall, answers } = await measure();
  t.diagnostic(
    `${answers} orders: success ${success.toFixed(3)}, ${attemptsPerCall.toFixed(2)} attempts per call`,
  );
  assert.ok(success < 0.95, `success ${success}`);
  assert.ok(success > 0.55 && success < 0.85, `success ${success} is near 0.7`);
  assert.equal(attemptsPerCall, 1);
});
