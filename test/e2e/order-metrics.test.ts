/** The shop counts its orders: each when it is placed, and once when it ends. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { eventRoute } from '@microshop/topology';
import { publish } from '../harness/broker.ts';
import { mesh } from '../harness/mesh.ts';
import { valueNow } from '../harness/prometheus.ts';
import { endOf, newProduct, newUser, orderPlaced } from '../harness/shop.ts';

/** Time from an order to its numbers, milliseconds: the apps push every 5 s, Prometheus scrapes every 5 s. */
const seenWithinMs = 90_000;

let user: { id: number };
before(async () => {
  user = await newUser();
});

async function accepted(productId: number, key?: string): Promise<number> {
  return (await orderPlaced({ user_id: user.id, product_id: productId, quantity: 1 }, key)).body.id;
}

async function counted() {
  return {
    placed: await valueNow('sum(shop_orders_placed_total)'),
    confirmed: await valueNow('sum(shop_orders_ended_total{shop_order_status="CONFIRMED"})'),
    rejected: await valueNow('sum(shop_orders_ended_total{shop_order_status="REJECTED"})'),
    timed: await valueNow('sum(shop_order_completion_duration_seconds_count)'),
  };
}

/** Starts the counters from zero: they begin with the process. */
async function countFromZero(): Promise<void> {
  const product = await newProduct(1);
  await endOf(await accepted(product.id));
  await eventuallyDespiteErrors(
    'something is counted',
    async () => ((await counted()).placed > 0 ? true : undefined),
    seenWithinMs,
  );
  await eventuallyDespiteErrors('every order has ended', async () => {
    const pending = await mesh.sql('orders_db', `select id from orders where status = 'PENDING' limit 1`);
    return pending.length === 0 ? true : undefined;
  });
  await mesh.stop('orders');
  await mesh.start('orders');
  await eventuallyDespiteErrors(
    'the counters are zero',
    async () => ((await counted()).placed === 0 ? true : undefined),
    seenWithinMs,
  );
}

test('placed and ended are counted once, whatever is redelivered', async () => {
  const plenty = await newProduct(10);
  const single = await newProduct(1);
  await countFromZero();

  const key = randomUUID();
  const first = await accepted(plenty.id, key);
  assert.equal(await accepted(plenty.id, key), first);
  await endOf(first);

  // both find the one piece there, and only one gets it
  await mesh.stop('rabbitmq');
  const rivals = [await accepted(single.id), await accepted(single.id)];
  await mesh.start('rabbitmq');
  const ends = await Promise.all(rivals.map((id) => endOf(id)));
  assert.deepEqual(ends.map(({ status }) => status).sort(), ['CONFIRMED', 'REJECTED']);

  // an answer for an order that has ended changes nothing
  const { routingKey, type } = eventRoute('STOCK_RESERVED');
  const messageId = randomUUID();
  for (let copy = 0; copy < 3; copy += 1) {
    await publish(routingKey, JSON.stringify({ order_id: first }), { messageId, type });
  }
  await eventuallyDespiteErrors('the answer was taken', async () => {
    const rows = await mesh.sql('orders_db', 'select 1 from inbox where message_id = $1', [messageId]);
    return rows.length === 1 ? true : undefined;
  });
  await endOf(await accepted(plenty.id));

  const expected = { placed: 4, confirmed: 3, rejected: 1, timed: 4 };
  let last: unknown;
  await eventuallyDespiteErrors(
    'all are counted',
    async () => {
      last = await counted();
      return JSON.stringify(last) === JSON.stringify(expected) ? true : undefined;
    },
    seenWithinMs,
  ).catch(() => assert.deepEqual(last, expected));
});
