/** Each message is delivered several times; each effect is made once. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { eventRoute, eventRoutes } from '@microshop/topology';
import { assertSound } from '../harness/audit.ts';
import { messagesIn, publishAll } from '../harness/broker.ts';
import { buy } from '../harness/buyer.ts';
import { untilAnswered } from '../harness/buying.ts';
import { mesh } from '../harness/mesh.ts';
import { newProduct, newUser, stockOf } from '../harness/shop.ts';

const orders = 50;
const copies = 3;

let user: { id: number };
before(async () => {
  user = await newUser();
});

test(`each message of ${orders} orders is delivered ${copies} times more: effects = orders`, async () => {
  const product = await newProduct(1000);
  const bought = await Promise.all(
    Array.from({ length: orders }, () =>
      buy(
        { user_id: user.id, product_id: product.id, quantity: 1 },
        { patienceMs: 120_000, again: untilAnswered },
      ),
    ),
  );
  await assertSound(bought);
  const ids = bought.map(({ last }) => last?.body.id);
  for (const [database, types] of [
    ['orders_db', ['ORDER_CREATED']],
    ['products_db', ['STOCK_RESERVED', 'STOCK_REJECTED']],
  ] as const) {
    const rows = await mesh.sql<{ message_id: string; type: string; body: unknown }>(
      database,
      // a duplicate of an order is answered again: the first answer is the one that is repeated here
      `select distinct on (body ->> 'order_id') message_id, type, body from outbox
       where type = any($1) and (body ->> 'order_id')::integer = any($2) order by body ->> 'order_id', id`,
      [types, ids],
    );
    assert.equal(rows.length, orders);
    for (const type of types) {
      const messages = rows
        .filter((row) => row.type === type)
        .flatMap((row) =>
          Array(copies).fill({ content: JSON.stringify(row.body), messageId: row.message_id }),
        );
      await publishAll(eventRoute(type).routingKey, messages, type);
    }
  }
  await eventuallyDespiteErrors(
    'every copy has been taken',
    async () => {
      const depths = await Promise.all([...new Set(eventRoutes.map(({ queue }) => queue))].map(messagesIn));
      return depths.every((depth) => depth === 0) ? true : undefined;
    },
    60_000,
  );
  // the last copies may still be in a consumer's hands: an order behind them has passed them when it has ended
  const last = await buy(
    { user_id: user.id, product_id: product.id, quantity: 1 },
    { patienceMs: 120_000, again: untilAnswered },
  );
  await assertSound([...bought, last]);
  assert.equal(await stockOf(product.id), 1000 - orders - 1);
  const movements = await mesh.sql(
    'products_db',
    `select 1 from stock_movements where kind = 'reserved' and product_id = $1`,
    [product.id],
  );
  assert.equal(movements.length, orders + 1);
});
