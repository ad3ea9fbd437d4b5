/** The outcome of an order stays, whatever is redelivered, under whatever id; and each duplicate gets the same answer. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { Database } from '@microshop/database';
import { startConsumer } from '@microshop/events';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { eventHeaders } from '@microshop/topology';
import { pruneInbox } from '../../packages/events/src/inbox.ts';
import { orderCreatedHandler } from '../../services/products/src/events/order-created.ts';
import { migrations } from '../../services/products/src/store/migrations.ts';
import { onChannel } from '../harness/broker.ts';
import {
  emptyDatabase,
  openScratch,
  quiet,
  scratchBroker,
  scratchDatabase,
  scratchQueue,
} from '../harness/scratch.ts';

interface Answer {
  readonly type: string;
  readonly body: { readonly order_id: number; readonly reason?: string };
}

interface Scene {
  readonly database: Database;
  /** Sends an order for that many of the product, and waits for the answer to it; all answers since the last call. */
  order(id: number, quantity: number, messageId: string, headers?: object): Promise<readonly Answer[]>;
  stock(): Promise<number>;
}

async function scene(t: TestContext, stock: number): Promise<Scene> {
  const [broker, queue, database] = await Promise.all([
    scratchBroker(),
    scratchQueue(),
    scratchDatabase(migrations),
  ]);
  await database.sql.query(`insert into products (name, price_cents, stock) values ('p', 100, $1)`, [stock]);
  const consumer = startConsumer({
    broker,
    queue: queue.name,
    sql: database.sql,
    logger: quiet,
    handlers: { ORDER_CREATED: orderCreatedHandler },
    concurrency: 1,
    batchSize: 100,
  });
  t.after(async () => {
    await consumer.close();
    await broker.close();
    await queue.remove();
    await database.close();
  });
  let told = 0;
  return {
    database,
    async order(id, quantity, messageId, headers = {}) {
      const body = { order_id: id, items: [{ product_id: 1, quantity }] };
      await onChannel(async (channel) => {
        const options = { messageId, type: 'ORDER_CREATED', headers, persistent: true, mandatory: true };
        channel.publish('', queue.name, Buffer.from(JSON.stringify(body)), options);
        await channel.waitForConfirms();
      });
      const answers = await eventuallyDespiteErrors('it is answered', async () => {
        const rows = await database.sql.query<Answer>('select type, body from outbox order by id');
        return rows.length > told ? rows.slice(told) : undefined;
      });
      told += answers.length;
      return answers;
    },
    async stock() {
      const [row] = await database.sql.query<{ stock: number }>('select stock from products');
      return row?.stock ?? Number.NaN;
    },
  };
}

test('a refused order stays refused: after a restock, under its own id, without its inbox row, and under another', async (t) => {
  const { database, order, stock } = await scene(t, 1);
  const messageId = randomUUID();
  const first = await order(7, 5, messageId);
  const [refused] = first;
  assert.deepEqual([first.length, refused?.type], [1, 'STOCK_REJECTED']);
  assert.match(refused?.body.reason ?? '', /wanted 5, in stock 1/);
  await database.sql.query('update products set stock = 100');
  assert.deepEqual(await order(7, 5, messageId), [refused], 'with its inbox row');
  await database.sql.query('delete from inbox');
  assert.deepEqual(await order(7, 5, messageId), [refused], 'without its inbox row');
  assert.deepEqual(await order(7, 5, randomUUID()), [refused], 'under another id');
  assert.equal(await stock(), 100);
});

test('a served order is served once, and answered so each time', async (t) => {
  const { database, order, stock } = await scene(t, 10);
  const messageId = randomUUID();
  const served = [{ type: 'STOCK_RESERVED', body: { order_id: 7 } }];
  assert.deepEqual(await order(7, 3, messageId), served);
  assert.deepEqual(await order(7, 3, messageId), served);
  await database.sql.query('delete from inbox');
  assert.deepEqual(await order(7, 3, messageId), served);
  assert.deepEqual(await order(7, 3, randomUUID()), served);
  assert.deepEqual(await order(7, 3, randomUUID(), { [eventHeaders.refused]: 'Withdrawn' }), served);
  assert.equal(await stock(), 7);
});

test('an order that a person has given up is never served', async (t) => {
  const { order, stock } = await scene(t, 10);
  const given = [{ type: 'STOCK_REJECTED', body: { order_id: 7, reason: 'Withdrawn' } }];
  assert.deepEqual(await order(7, 3, randomUUID(), { [eventHeaders.refused]: 'Withdrawn' }), given);
  assert.deepEqual(await order(7, 3, randomUUID()), given);
  assert.equal(await stock(), 10);
});

test('a database from before outcomes were kept knows those that it can derive', async (t) => {
  const { url, drop } = await emptyDatabase();
  t.after(drop);
  const before = await openScratch(
    url,
    migrations.filter(({ name }) => name < '004'),
  );
  await before.sql.query(`insert into products (name, price_cents, stock) values ('p', 100, 5)`);
  await before.sql.query(
    `insert into stock_movements (product_id, delta, kind, order_id) values (1, 5, 'initial', null), (1, -1, 'reserved', 3)`,
  );
  await before.sql.query(
    `insert into outbox (message_id, type, routing_key, body, headers)
     values (gen_random_uuid(), 'STOCK_REJECTED', 'stock.rejected', '{"order_id": 4, "reason": "none left"}', '{}')`,
  );
  await before.close();
  const now = await openScratch(url, migrations);
  try {
    assert.deepEqual(await now.sql.query('select order_id, reason from order_outcomes order by order_id'), [
      { order_id: 3, reason: null },
      { order_id: 4, reason: 'none left' },
    ]);
  } finally {
    await now.close();
  }
});

test('the inbox remembers a message for days, and not for ever', async (t) => {
  const database = await scratchDatabase(migrations);
  t.after(() => database.close());
  await database.sql.query(
    `insert into inbox (message_id, type, received_at)
     select gen_random_uuid(), 'ORDER_CREATED', clock_timestamp() - days * interval '1 day'
     from unnest(array[0, 0.01, 1, 6, 8, 30]) as days`,
  );
  assert.equal(await pruneInbox(database.sql), false);
  const left = await database.sql.query(
    `select extract(day from clock_timestamp() - received_at)::integer as days from inbox order by received_at desc`,
  );
  assert.deepEqual(left, [{ days: 0 }, { days: 0 }, { days: 1 }, { days: 6 }]);
});
