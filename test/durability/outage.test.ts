/** The broker is down for a while, with orders coming in; what was accepted is done afterwards. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { assertSound } from '../harness/audit.ts';
import { buy, outageSeconds } from '../harness/buyer.ts';
import { steadily } from '../harness/buying.ts';
import { judgementsOn } from '../harness/completeness.ts';
import { mesh } from '../harness/mesh.ts';
import { newProduct, newUser, stockOf } from '../harness/shop.ts';

/** Orders started per second while the broker is down. */
const rate = 50;

let user: { id: number };
before(async () => {
  user = await newUser();
});

test('RabbitMQ down at 50 orders/s: 99 % accepted, all ended within 15 s of its return, every trace whole', async (t) => {
  const product = await newProduct(100_000);
  // whatever fails, the tests after this one have a broker
  t.after(() => mesh.start('rabbitmq'));
  await mesh.stop('rabbitmq');
  const bought = await steadily(rate, outageSeconds * 1000, () =>
    // one request each: what is refused counts
    buy({ user_id: user.id, product_id: product.id, quantity: 1 }, { patienceMs: 0, again: () => false }),
  );
  const accepted = bought.flatMap(({ last }) => (last?.status === 201 ? [last] : []));
  t.diagnostic(`${accepted.length} of ${bought.length} accepted`);
  assert.ok(accepted.length >= 0.99 * bought.length, `${accepted.length} of ${bought.length} accepted`);

  await mesh.start('rabbitmq');
  const audit = await assertSound(bought, 15_000);
  t.diagnostic(`drained ${audit.waited_ms} ms after RabbitMQ was healthy`);
  assert.equal(await stockOf(product.id), 100_000 - accepted.length);

  const judgements = await judgementsOn(
    accepted.map(({ traceId }) => traceId),
    60_000,
  );
  assert.equal(judgements.size, accepted.length);
  assert.deepEqual(
    [...judgements].filter(([, { outcome }]) => outcome !== 'complete'),
    [],
  );
});
