/** Somebody holds a lock: what needs it waits, all others pass by; and one slow message holds up no other. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { Database, NamedMigration } from '@microshop/database';
import { type EventHandler, handles, PermanentError, startConsumer } from '@microshop/events';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { deadLetterQueue, type EventType } from '@microshop/topology';
import pg from 'pg';
import { Type } from 'typebox';
import { createStockAnswerHandlers } from '../../services/orders/src/events/stock-answers.ts';
import { createOrderMetrics } from '../../services/orders/src/metrics.ts';
import { migrations as ordersMigrations } from '../../services/orders/src/store/migrations.ts';
import { orderCreatedHandler } from '../../services/products/src/events/order-created.ts';
import { migrations as productsMigrations } from '../../services/products/src/store/migrations.ts';
import { messagesIn, publishAll } from '../harness/broker.ts';
import { emptyDatabase, openScratch, quiet, scratchBroker, scratchQueue } from '../harness/scratch.ts';

interface Scene {
  readonly database: Database;
  readonly queue: string;
  /** Publishes those orders, as events of that type; the ids of the messages. */
  send(type: EventType, bodies: readonly object[]): Promise<readonly string[]>;
  /** Runs the statement in another transaction, which stays open until the returned function is called. */
  hold(statement: string, params?: readonly unknown[]): Promise<() => Promise<void>>;
  /** Messages that the consumer holds. */
  held(): number;
  /** Resolves when so many rows are there. */
  rows(what: string, count: number, query: string): Promise<void>;
}

/** A consumer as a service has it, on a database and a queue of its own; all are removed after the test. */
async function scene(
  t: TestContext,
  migrations: readonly NamedMigration[],
  handlers: Partial<Record<EventType, EventHandler>>,
  batches: { readonly concurrency?: number; readonly batchSize?: number },
): Promise<Scene> {
  const { url, drop } = await emptyDatabase();
  const [broker, queue, database] = await Promise.all([
    scratchBroker(),
    scratchQueue(),
    openScratch(url, migrations),
  ]);
  const consumer = startConsumer({
    broker,
    queue: queue.name,
    sql: database.sql,
    logger: quiet,
    handlers,
    ...batches,
  });
  const others: pg.Client[] = [];
  t.after(async () => {
    for (const other of others) await other.end();
    await consumer.close();
    await broker.close();
    await queue.remove();
    await database.close();
    await drop();
  });
  return {
    database,
    queue: queue.name,
    held: () => consumer.state().held,
    async send(type, bodies) {
      const messages = bodies.map((body) => ({ content: JSON.stringify(body), messageId: randomUUID() }));
      await publishAll(queue.routingKey, messages, type);
      return messages.map(({ messageId }) => messageId);
    },
    async hold(statement, params = []) {
      const other = new pg.Client(url);
      others.push(other);
      await other.connect();
      await other.query('begin');
      await other.query(statement, [...params]);
      return async () => void (await other.query('rollback'));
    },
    async rows(what, count, query) {
      await eventuallyDespiteErrors(what, async () =>
        (await database.sql.query(query)).length === count ? true : undefined,
      );
    },
  };
}

const together = { concurrency: 1, batchSize: 100 };

/** Fewer than a consumer of these batches holds, and three times as many: 500 places, of which half may wait. */
for (const count of [240, 1500])
  test(`one product is locked: ${count} orders for it wait, all others end; afterwards these, too`, async (t) => {
    const { database, queue, send, hold, rows, held } = await scene(
      t,
      productsMigrations,
      { ORDER_CREATED: orderCreatedHandler },
      together,
    );
    await database.sql.query(
      `insert into products (name, price_cents, stock) select 'p', 100, 10000 from generate_series(1, 3)`,
    );
    const release = await hold('select 1 from products where id = 1 for update');
    const order = (id: number, ...ids: number[]) => ({
      order_id: id,
      items: ids.map((productId) => ({ product_id: productId, quantity: 1 })),
    });
    const locked = Array.from({ length: count }, (_, index) =>
      order(index + 1, ...(index % 3 === 0 ? [1, 2] : [1])),
    );
    const free = Array.from({ length: 60 }, (_, index) => order(index + 5001, index % 2 === 0 ? 2 : 3));
    const [half, all] = [count / 2, count + 60];
    // some before, some among, some behind
    await send('ORDER_CREATED', [...free.slice(0, 20), ...locked.slice(0, half), ...free.slice(20, 40)]);
    await send('ORDER_CREATED', [...locked.slice(half), ...free.slice(40)]);
    await rows('the others end', 60, 'select 1 from order_outcomes where order_id > 5000 and reason is null');
    await rows('none for the locked one did', 0, 'select 1 from order_outcomes where order_id < 5001');
    await rows('nor is it in the inbox', 60, 'select 1 from inbox');
    assert.ok(held() <= 500, 'no more than it has places for are in memory');
    await release();
    await rows('all end', all, 'select 1 from order_outcomes where reason is null');
    const stocks = await database.sql.query('select id, stock from products order by id');
    assert.deepEqual(stocks, [
      { id: 1, stock: 10_000 - count },
      { id: 2, stock: 10_000 - 30 - count / 3 },
      { id: 3, stock: 9970 },
    ]);
    await rows('each is answered once', all, 'select 1 from outbox');
    await eventuallyDespiteErrors('nothing is held', async () => held() === 0 || undefined);
    assert.equal(await messagesIn(queue), 0);
    assert.equal(await messagesIn(deadLetterQueue(queue)), 0);
  });

test('a crashed consumer has recorded messages without a commit: only these wait', async (t) => {
  const { database, queue, send, hold, rows } = await scene(
    t,
    productsMigrations,
    { ORDER_CREATED: orderCreatedHandler },
    together,
  );
  await database.sql.query(`insert into products (name, price_cents, stock) values ('p', 100, 1000)`);
  const order = (id: number) => ({ order_id: id, items: [{ product_id: 1, quantity: 1 }] });
  const held = Array.from({ length: 5 }, () => randomUUID());
  const release = await hold(
    `insert into inbox (message_id, type) select *, 'ORDER_CREATED' from unnest($1::uuid[])`,
    [held],
  );
  const messages = held.map((messageId, index) => ({ content: JSON.stringify(order(index + 1)), messageId }));
  await publishAll(queue, messages, 'ORDER_CREATED', '');
  await send(
    'ORDER_CREATED',
    Array.from({ length: 50 }, (_, index) => order(index + 101)),
  );
  await rows('the others end', 50, 'select 1 from order_outcomes');
  await release();
  await rows('all end', 55, 'select 1 from order_outcomes');
  assert.equal(await messagesIn(deadLetterQueue(queue)), 0);
});

test('orders that another transaction has locked wait for it, and take no place from others', async (t) => {
  const { database, send, hold, rows } = await scene(
    t,
    ordersMigrations,
    createStockAnswerHandlers(quiet, createOrderMetrics()),
    together,
  );
  await database.sql.query(
    'insert into orders (user_id, total_cents) select 1, 100 from generate_series(1, 40)',
  );
  // more than transactions at the same time
  const release = await hold('select 1 from orders where id <= 20 for update');
  await send(
    'STOCK_RESERVED',
    Array.from({ length: 40 }, (_, index) => ({ order_id: index + 1 })),
  );
  await rows('the others end', 20, `select 1 from orders where status = 'CONFIRMED'`);
  await rows('of the locked ones nothing is recorded', 20, 'select 1 from inbox');
  await release();
  await rows('all end', 40, `select 1 from orders where status = 'CONFIRMED'`);
});

test('messages that fail and messages that are slow hold up no other', async (t) => {
  const body = Type.Object({ order_id: Type.Integer() });
  const { database, queue, send, rows } = await scene(
    t,
    ordersMigrations,
    {
      ORDER_CREATED: handles(body, async ({ body: { order_id: id } }, tx) => {
        if (id === 0) throw new PermanentError('never');
        if (id < 5) throw new Error('fails each time');
        // takes longer than a statement may
        if (id === 5) await tx.query('select pg_sleep(60)');
        await tx.query('insert into effects values ($1)', [id]);
      }),
    },
    { concurrency: 1, batchSize: 20 },
  );
  await database.sql.query('create table effects (order_id integer)');
  await send(
    'ORDER_CREATED',
    Array.from({ length: 106 }, (_, index) => ({ order_id: index })),
  );
  await eventuallyDespiteErrors('the poison is dead', async () =>
    (await messagesIn(deadLetterQueue(queue))) === 5 ? true : undefined,
  );
  await rows('all others took effect', 100, 'select 1 from effects');
});
