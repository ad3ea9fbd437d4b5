/**
 * The guards of the order path, each with a test that holds it and the defect that must make this test fail. A test that
 * passes with the defect in would prove nothing.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { NamedMigration } from '@microshop/database';
import type * as Events from '@microshop/events';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { deadLetterQueue } from '@microshop/topology';
import type * as OrderStore from '../../services/orders/src/store/orders.ts';
import type * as OrderCreated from '../../services/products/src/events/order-created.ts';
import { messagesIn, publish } from '../harness/broker.ts';
import { asItIs, type Edit, type Load, withEdits } from '../harness/mutant.ts';
import { quiet, scratchBroker, scratchDatabase, scratchQueue } from '../harness/scratch.ts';

interface Migrations {
  readonly migrations: readonly NamedMigration[];
}

const tables = (load: Load, service: 'orders' | 'products') =>
  load<Migrations>(`services/${service}/src/store/migrations.ts`);

let broker: Events.Broker;
before(async () => {
  broker = await scratchBroker();
  await eventuallyDespiteErrors('the broker is there', async () => (broker.connected ? true : undefined));
});
after(() => broker.close());

async function eachMessageTakesEffectOnce(load: Load): Promise<void> {
  const events = await load<typeof Events>('packages/events/src/index.ts');
  const { handles, startConsumer } = events;
  const { Type } = await import('typebox');
  const { migrations } = await tables(load, 'orders');
  const database = await scratchDatabase(migrations);
  const queue = await scratchQueue();
  await database.sql.query('create table effects (order_id integer)');
  const consumer = startConsumer({
    broker,
    queue: queue.name,
    sql: database.sql,
    logger: quiet,
    handlers: {
      ORDER_CREATED: handles(Type.Object({ order_id: Type.Integer() }), async ({ body }, tx) => {
        await tx.query('insert into effects values ($1)', [body.order_id]);
      }),
    },
  });
  const orders = 20;
  const deliveries = 4;
  try {
    const ids = Array.from({ length: orders }, () => randomUUID());
    for (let delivery = 0; delivery < deliveries; delivery += 1) {
      await Promise.all(
        ids.map((messageId, index) =>
          publish(queue.routingKey, JSON.stringify({ order_id: index }), {
            messageId,
            type: 'ORDER_CREATED',
          }),
        ),
      );
    }
    // what is published last is consumed last: one consumer, one queue
    await publish(queue.routingKey, '{"order_id":-1}', { messageId: randomUUID(), type: 'ORDER_CREATED' });
    await eventuallyDespiteErrors('the last message took effect', async () => {
      const rows = await database.sql.query('select 1 from effects where order_id = -1');
      return rows.length > 0 ? true : undefined;
    });
    await consumer.close();
    const effects = await database.sql.query('select order_id from effects where order_id >= 0');
    assert.equal(effects.length, orders);
    assert.deepEqual([await messagesIn(queue.name), await messagesIn(deadLetterQueue(queue.name))], [0, 0]);
  } finally {
    await consumer.close();
    await queue.remove();
    await database.close();
  }
}

async function anEventThatWasNotConfirmedIsSentAgain(load: Load): Promise<void> {
  const { insertOutbox, startRelay } = await load<typeof Events>('packages/events/src/index.ts');
  const { migrations } = await tables(load, 'orders');
  const database = await scratchDatabase(migrations);
  const queue = await scratchQueue();
  await queue.unbind();
  const message = {
    messageId: randomUUID(),
    type: 'ORDER_CREATED',
    routingKey: queue.routingKey,
    body: { order_id: 1 },
    headers: {},
  } as const;
  await insertOutbox(database.sql, [message]);
  const relay = startRelay({ sql: database.sql, broker, logger: quiet });
  try {
    await eventuallyDespiteErrors('the relay has tried', async () => {
      const rows = await database.sql.query(
        'select 1 from outbox where last_error is not null or published_at is not null',
      );
      return rows.length > 0 ? true : undefined;
    });
    await queue.bind();
    const settled = await eventuallyDespiteErrors('the relay is done with the event', async () => {
      const [row] = await database.sql.query<{ published: boolean }>(
        'select published_at is not null as published from outbox',
      );
      return row?.published === true;
    });
    assert.deepEqual([settled, await messagesIn(queue.name)], [true, 1], 'the event is in the queue');
  } finally {
    await relay.close();
    await queue.remove();
    await database.close();
  }
}

async function stockIsNeverSoldTwice(load: Load): Promise<void> {
  const { handleOrdersCreated } = await load<typeof OrderCreated>(
    'services/products/src/events/order-created.ts',
  );
  const { migrations } = await tables(load, 'products');
  const database = await scratchDatabase(migrations);
  try {
    await database.sql.query(
      `insert into products (name, price_cents, stock) values ('ten of them', 100, 10)`,
    );
    // batches of different sizes at the same time: 40 orders of 1 for 10 units
    const ids = Array.from({ length: 40 }, (_, index) => index + 1);
    const batches = [ids.slice(0, 5), ids.slice(5, 6), ids.slice(6, 20), ids.slice(20, 40)];
    await Promise.all(
      batches.map(async (batch) => {
        let events = batch.map((orderId) => ({
          messageId: randomUUID(),
          type: 'ORDER_CREATED' as const,
          body: { order_id: orderId, items: [{ product_id: 1, quantity: 1 }] },
          trace: {},
        }));
        // those for a product that another batch has locked are left for later
        while (events.length > 0) {
          const { left = [] } = await database.sql.transaction((tx) => handleOrdersCreated(events, tx));
          const ids = new Set(left.map(({ messageId }) => messageId));
          events = events.filter(({ messageId }) => ids.has(messageId));
        }
      }),
    );
    const answers = await database.sql.query<{ type: string; count: number }>(
      'select type, count(*)::integer as count from outbox group by type order by type',
    );
    assert.deepEqual(answers, [
      { type: 'STOCK_REJECTED', count: 30 },
      { type: 'STOCK_RESERVED', count: 10 },
    ]);
    assert.deepEqual(await database.sql.query('select stock from products'), [{ stock: 0 }]);
  } finally {
    await database.close();
  }
}

async function aKeyIsOneOrder(load: Load): Promise<void> {
  const { createOrderStore } = await load<typeof OrderStore>('services/orders/src/store/orders.ts');
  const { migrations } = await tables(load, 'orders');
  const database = await scratchDatabase(migrations);
  try {
    const { place } = createOrderStore(database);
    const order = {
      userId: 1,
      lines: [{ productId: 1, quantity: 1, priceCents: 100 }],
      key: randomUUID(),
      hash: Buffer.from('hash'),
    };
    const placed = await Promise.all(Array.from({ length: 10 }, () => place(order)));
    assert.equal(placed.filter((one) => one !== null).length, 1);
    for (const table of ['orders', 'order_lines', 'outbox']) {
      assert.equal((await database.sql.query(`select 1 from ${table}`)).length, 1, table);
    }
  } finally {
    await database.close();
  }
}

const guards: readonly {
  readonly holds: (load: Load) => Promise<void>;
  readonly what: string;
  readonly mutant: string;
  /** How the test must fail; another failure would not be about the defect. */
  readonly fails: RegExp;
  readonly edits: readonly Edit[];
}[] = [
  {
    what: 'each message takes effect once, however often it comes',
    holds: eachMessageTakesEffectOnce,
    mutant: 'the inbox is not asked',
    fails: /80 !== 20/,
    edits: [
      {
        file: 'packages/events/src/inbox.ts',
        from: 'return [...byId.values()].filter((event) => fresh.has(event.messageId));',
        to: 'return [...byId.values()];',
      },
    ],
  },
  {
    what: 'an event that was not confirmed is sent again',
    holds: anEventThatWasNotConfirmedIsSentAgain,
    mutant: 'rows are marked before the confirm',
    fails: /the event is in the queue/,
    edits: [
      {
        file: 'packages/events/src/relay.ts',
        from: "failpoint('relay.leased');",
        to: 'await markPublished(sql, rows.map((row) => row.id));',
      },
    ],
  },
  {
    what: 'stock is never sold twice',
    holds: stockIsNeverSoldTwice,
    mutant: 'the stock is not looked at',
    fails: /products_stock_check/,
    edits: [
      {
        file: 'services/products/src/domain/reservation.ts',
        from: 'if (available !== null && available >= line.quantity) return [];',
        to: 'if (available !== null) return [];',
      },
    ],
  },
  {
    what: 'stock is never sold twice',
    holds: stockIsNeverSoldTwice,
    mutant: 'the stock is not looked at, and the database does not mind',
    fails: /STOCK_RESERVED/,
    edits: [
      {
        file: 'services/products/src/domain/reservation.ts',
        from: 'if (available !== null && available >= line.quantity) return [];',
        to: 'if (available !== null) return [];',
      },
      {
        file: 'services/products/src/store/migrations.ts',
        from: 'stock integer not null check (stock >= 0)',
        to: 'stock integer not null',
      },
    ],
  },
  {
    what: 'a key is one order, however many requests come at once',
    holds: aKeyIsOneOrder,
    mutant: 'the key is not unique',
    fails: /10 !== 1/,
    edits: [
      {
        file: 'services/orders/src/store/migrations.ts',
        from: 'idempotency_key text unique',
        to: 'idempotency_key text',
      },
      {
        file: 'services/orders/src/store/orders.ts',
        from: 'on conflict (idempotency_key) do nothing',
        to: '',
      },
    ],
  },
];

for (const [what, holds] of new Map(guards.map((guard) => [guard.what, guard.holds]))) {
  test(what, () => holds(asItIs));
}

for (const { what, holds, mutant, fails, edits } of guards) {
  test(`found: ${mutant} (“${what}” fails)`, async () => {
    await assert.rejects(holds(withEdits(edits)), fails);
  });
}
