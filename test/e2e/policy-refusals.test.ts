/** Policies that do not fit are refused by name. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { refused, resetPolicies, shownPolicy, wellShop } from '../harness/faults.ts';
import { orderPlaced } from '../harness/shop.ts';

let user: { id: number };
let product: { id: number };
before(async () => {
  await resetPolicies();
  ({ user, product } = await wellShop(10));
});

test('a policy that does not fit is refused by name, and the old one serves on', async () => {
  const before = await shownPolicy('orders', 'products');
  const set = ['policy', 'set', 'orders', 'products'];
  await Promise.all([
    refused(
      /orders → products: 4 attempts of 900 ms .* must end before timeout_ms \(3000 ms\)/,
      ...set,
      ...['--tries', '4'],
    ),
    refused(
      /orders → products: timeout_ms \(3200 ms\) must end before breaker/,
      ...set,
      ...['--timeout', '3200ms'],
    ),
    refused(
      /orders → products: breaker_timeout_ms \(3500 ms\) must end before request deadline/,
      ...set,
      ...['--breaker-timeout', '3500ms'],
    ),
    refused(/--breaker-errors must be a whole number from 0 to 100/, ...set, '--breaker-errors', '101'),
    refused(
      /gateway → orders: .* only calls between services have a breaker/,
      ...['policy', 'set', 'gateway', 'orders', '--breaker-capacity', '5'],
    ),
    refused(/orders → products: retry_on names "always"/, ...set, '--retry-on', 'always'),
    refused(/--tries must be a whole number/, ...set, '--tries', 'many'),
    refused(/Name what to change/, ...set),
    refused(/no call products → users/, 'policy', 'set', 'products', 'users', '--tries', '1'),
    refused(/no call gateway → nope/, 'policy', 'set', 'gateway', 'nope', '--tries', '1'),
    refused(
      /retries live in one layer/,
      ...['policy', 'set', 'gateway', 'orders', '--retry-on', 'gateway-error'],
    ),
  ]);
  assert.deepEqual(await shownPolicy('orders', 'products'), before);
  await orderPlaced({ user_id: user.id, product_id: product.id, quantity: 1 });
});
