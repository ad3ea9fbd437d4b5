/** Audit and outboxes on real databases and a real broker: whatever is made wrong in them is reported, and nothing else. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { auditExitCode } from '@microshop/cli/commands/audit';
import { type AuditQuestion, audit } from '@microshop/control/audit/routes';
import { statisticsLateMs } from '@microshop/control/audit/sources';
import { deadLetterBook } from '@microshop/control/dead-letters/book';
import { connected } from '@microshop/control/dead-letters/queues';
import { deadLetterQueue, eventRoute } from '@microshop/topology';
import pg from 'pg';
import { ordersInTables } from './orders-in-tables.ts';
import { outboxes } from './outbox.ts';
import { type ShopServers, shopServers } from './shop-servers.ts';
import {
  ownEvent,
  ownTrace,
  pendingThird,
  placeOrder,
  rightShop,
  type WrongState,
  wrongStates,
} from './wrong-states.ts';

const created = eventRoute('ORDER_CREATED').queue;
const answers = eventRoute('STOCK_RESERVED').queue;

test('outboxes and the audit of real databases', async (t) => {
  const servers = await shopServers(t);
  const { sql } = servers;
  // on the same servers: a broker takes longer to start than these tests
  await ordersInTables(t, servers);
  await t.test('outboxes of real databases', (inner) => outboxes(inner, servers));
  const reset = async () => {
    await rightShop(sql);
    await purge(servers);
  };
  await reset();

  await t.test('what is right is OK, exit code 0', async () => {
    const { verdict, verdicts, code } = await audited(servers, {
      ledger: [
        { key: 'key-1', order_id: 1, status: 201 },
        { key: 'key-2', order_id: null, status: 503 },
        { key: 'key-2', order_id: 2, status: 201 },
      ],
    });
    assert.deepEqual([verdicts, code], [right, 0]);
    assert.deepEqual(verdict.orders, { total: 2, pending: 0, confirmed: 1, rejected: 1 });
    assert.deepEqual([verdict.attempted, verdict.acknowledged, verdict.lost], [2, 2, 0]);
  });

  for (const status of [0, 500, 503, 504, 422]) {
    await t.test(`a key that was only answered ${status} may have an order`, async () => {
      const { verdicts } = await audited(servers, {
        ledger: [{ key: 'key-1', order_id: null, status }],
      });
      assert.deepEqual(verdicts, right);
    });
  }

  for (const state of wrongStates) {
    await t.test(`wrong: ${state.what}`, async () => {
      await brokenBy(servers, state);
      await reset();
    });
  }

  await t.test('no poison excuses an order that has ended, whatever it mentions', async () => {
    await sql('products', 'delete from stock_movements where order_id = 1');
    await sql('products', 'update products set stock = 10 where id = 1');
    await letter(servers, created, { orderId: 1 });
    await letter(servers, answers, { orderId: 1, type: 'STOCK_RESERVED' });
    const { verdicts, code } = await audited(servers);
    assert.deepEqual([verdicts['I3b'], code], ['BROKEN', 1]);
    await reset();
  });

  for (const { what, queue, message, products, excused } of excuses) {
    await t.test(`a pending order is ${excused ? '' : 'not '}excused by ${what}`, async () => {
      await pendingThird(sql);
      if (products !== undefined) await sql('products', products);
      await letter(servers, queue, message);
      const { verdict, verdicts, code } = await audited(servers);
      assert.deepEqual(
        [verdicts['I4'], verdict.stuck, verdict.in_dlq, code],
        excused ? ['OK', 0, 1, 0] : ['BROKEN', 1, 1, 1],
      );
      await reset();
    });
  }

  await t.test(
    'an event that was set aside excuses its own order, no other, and I4 stays broken',
    async () => {
      await pendingThird(sql);
      await placeOrder(sql, 'PENDING');
      await sql(
        'orders',
        `update outbox set published_at = null, failed_at = now(), last_error = 'too long'`,
      );
      const { verdict, verdicts } = await audited(servers);
      assert.deepEqual([verdicts['I4'], verdict.stuck, verdict.ids.stuck], ['BROKEN', 1, ['order 4']]);
      await reset();
    },
  );

  await t.test(
    'an order placed a moment ago proves nothing yet, beside one that is excused as well: 3',
    async () => {
      await pendingThird(sql);
      await letter(servers, created, { orderId: 3, messageId: ownEvent });
      await placeOrder(sql, 'PENDING', randomUUID(), '0');
      const { verdict, verdicts, code } = await audited(servers);
      assert.deepEqual([verdicts['I4'], verdict.ids.stuck, code], ['UNKNOWN', [], 3]);
      await reset();
    },
  );

  await t.test('an order is excused by its own dead event however young it is', async () => {
    await pendingThird(sql);
    await sql('orders', 'update orders set created_at = now() where id = 3');
    await letter(servers, created, { orderId: 3, messageId: ownEvent });
    const { verdicts, code } = await audited(servers);
    assert.deepEqual([verdicts['I4'], code], ['OK', 0]);
    await reset();
  });

  for (const service of ['orders', 'products'] as const) {
    await t.test(`an event in the outbox of ${service} proves nothing yet: 3`, async () => {
      await pendingThird(sql);
      await sql(
        service,
        `insert into outbox (message_id, type, routing_key, body, headers)
         values (gen_random_uuid(), 'STOCK_RESERVED', 'stock.reserved', '{"order_id": 3}', '{}')`,
      );
      const { verdict, verdicts, code } = await audited(servers);
      assert.deepEqual([verdicts['I4'], verdict.left_in_outbox, code], ['UNKNOWN', 1, 3]);
      await reset();
    });
  }

  await t.test('an event in a queue proves nothing yet: 3', async () => {
    await pendingThird(sql);
    await publish(servers, created, { orderId: 3, messageId: ownEvent });
    const { verdicts, code } = await audited(servers);
    assert.deepEqual([verdicts['I4'], code], ['UNKNOWN', 3]);
    await reset();
  });

  await t.test('an event that a consumer took a moment ago proves nothing yet: 3', async () => {
    await pendingThird(sql);
    await publish(servers, created, { orderId: 3, messageId: ownEvent });
    await connected(servers.sources, async (connection) => {
      const channel = await connection.createChannel();
      const taken = Promise.withResolvers<unknown>();
      await channel.consume(created, taken.resolve);
      await taken.promise;
      // the broker's statistics do not know of it yet
      const sources = { ...servers.sources, statisticsLateMs };
      const { verdicts, code } = await audited({ ...servers, sources });
      assert.deepEqual([verdicts['I4'], code], ['UNKNOWN', 3]);
    });
    await reset();
  });

  await t.test('orders that move while they are read are never called wrong', async () => {
    let moving = true;
    const mover = (async () => {
      for (; moving; ) await buyOne(servers);
    })();
    try {
      for (let look = 0; look < 15; look += 1) {
        const { verdict } = await audited(servers);
        const broken = verdict.invariants.filter((one) => one.verdict === 'BROKEN');
        assert.deepEqual(broken, []);
        assert.deepEqual(verdict.unread, []);
      }
    } finally {
      moving = false;
      await mover;
    }
    await reset();
  });

  await t.test(
    'it only looks: it takes no dead letter where no order waits, and each once where one does',
    async () => {
      for (const [pending, taken] of [
        [false, 0],
        [true, 1],
      ] as const) {
        if (pending) await pendingThird(sql);
        await letter(servers, created, { orderId: 1 });
        const book = deadLetterBook(servers.sources);
        for (let look = 0; look < 3; look += 1) {
          await audit(servers.sources, book, { settleMs: 0, ledger: undefined });
        }
        assert.equal(await takenBefore(servers, deadLetterQueue(created)), taken);
        await reset();
      }
    },
  );

  await t.test('an order that was stuck before is reported and not waited for; another one is', async () => {
    await pendingThird(sql);
    const known = await audited(servers, { settleMs: 60_000, stuckBefore: ['order 3'] });
    assert.deepEqual([known.verdict.ids.stuck, known.code], [['order 3'], 1]);
    assert.ok(known.verdict.waited_ms < 60_000);
    const other = await audited(servers, { settleMs: 1000, stuckBefore: ['order 4'] });
    assert.ok(other.verdict.waited_ms >= 1000);
    await reset();
  });

  await t.test('of 40,000 right orders it reads sums, not one of them: its memory has a bound', async () => {
    await manyRightOrders(servers, 40_000);
    const query = t.mock.method(pg.Client.prototype, 'query');
    const { verdict, verdicts, code } = await audited(servers);
    query.mock.restore();
    const results: unknown[] = await Promise.all(query.mock.calls.map(({ result }) => result));
    assert.deepEqual([verdicts, code, verdict.orders.confirmed], [right, 0, 40_001]);
    const rows = results.reduce((sum: number, result) => sum + rowsOf(result), 0);
    assert.ok(results.length > 10 && rows > 20, 'the queries of the audit are seen');
    assert.ok(rows < 400, `${rows} rows`);
    await reset();
  });

  await unread(t, servers);
});

/** Rows of what a query came to. */
function rowsOf(result: unknown): number {
  if (typeof result !== 'object' || result === null || !('rows' in result)) return 0;
  return Array.isArray(result.rows) ? result.rows.length : 0;
}

/** Adds confirmed orders of user 1, each with its line and its stock, as the services leave them. */
async function manyRightOrders({ sql }: ShopServers, count: number): Promise<void> {
  const ids = [3, count + 2];
  await sql(
    'orders',
    `with placed as (
       insert into orders (user_id, total_cents, status, ended_at, idempotency_key, request_hash)
       select 1, 200, 'CONFIRMED', now(), gen_random_uuid()::text, '\\x00'
       from generate_series($1::integer, $2::integer)
     )
     insert into order_lines select id, 1, 1, 2, 100 from generate_series($1::integer, $2::integer) as id`,
    ids,
  );
  await sql(
    'products',
    `with taken as (
       insert into stock_movements (product_id, delta, kind, order_id)
       select 1, -2, 'reserved', id from generate_series($1::integer, $2::integer) as id
     )
     insert into stock_movements (product_id, delta, kind) values (1, 2 * ($2::integer - $1::integer + 1), 'manual')`,
    ids,
  );
}

const right = { I1: 'OK', I2: 'OK', I3a: 'OK', I3b: 'OK', I4: 'OK' };

async function audited({ sources }: ShopServers, question: Partial<AuditQuestion> = {}) {
  const verdict = await audit(sources, deadLetterBook(sources), { settleMs: 0, ledger: [], ...question });
  const verdicts = Object.fromEntries(verdict.invariants.map((one) => [one.id, one.verdict]));
  return { verdict, verdicts, code: auditExitCode(verdict) };
}

async function brokenBy(servers: ShopServers, { make, undo, ledger, breaks, by }: WrongState): Promise<void> {
  await make(servers.sql);
  try {
    const { verdict, verdicts, code } = await audited(servers, ledger === undefined ? {} : { ledger });
    const expected = Object.fromEntries(breaks.map((id) => [id, 'BROKEN']));
    assert.deepEqual(verdicts, { ...right, ...expected }, JSON.stringify(verdict.invariants));
    assert.match(verdict.invariants.flatMap((one) => one.broken_by).join('\n'), by);
    assert.equal(code, 1);
  } finally {
    await undo?.(servers.sql);
  }
}

interface Letter {
  readonly orderId: number;
  readonly messageId?: string;
  readonly type?: string;
  readonly traceId?: string;
}

const answered = '00000000-0000-4000-8000-0000000000aa';
const answerRow = (orderId: number) =>
  `insert into outbox (message_id, type, routing_key, body, headers, published_at)
   values ('${answered}', 'STOCK_RESERVED', 'stock.reserved', '{"order_id": ${orderId}}', '{}', now())`;

/** Dead letters beside order 3, which is pending. */
const excuses: readonly {
  readonly what: string;
  readonly queue: string;
  readonly message: Letter;
  readonly products?: string;
  readonly excused: boolean;
}[] = [
  { what: 'its own event', queue: created, message: { orderId: 3, messageId: ownEvent }, excused: true },
  {
    what: 'its own event, whatever its body says by now',
    queue: created,
    message: { orderId: 1, messageId: ownEvent },
    excused: true,
  },
  { what: 'poison that mentions it', queue: created, message: { orderId: 3 }, excused: false },
  {
    what: 'poison that mentions it and has no id at all',
    queue: created,
    message: { orderId: 3, messageId: '' },
    excused: false,
  },
  {
    what: 'its own event in the wrong queue',
    queue: answers,
    message: { orderId: 3, messageId: ownEvent },
    excused: false,
  },
  {
    what: 'the answer that products wrote for it',
    queue: answers,
    message: { orderId: 3, messageId: answered, type: 'STOCK_RESERVED' },
    products: answerRow(3),
    excused: true,
  },
  {
    what: 'an answer that products wrote for another order',
    queue: answers,
    message: { orderId: 3, messageId: answered, type: 'STOCK_RESERVED', traceId: ownTrace },
    products: answerRow(1),
    excused: false,
  },
  {
    what: 'an answer that products has forgotten, in the trace of its order',
    queue: answers,
    message: { orderId: 3, messageId: answered, type: 'STOCK_REJECTED', traceId: ownTrace },
    excused: true,
  },
  {
    what: 'an answer that nobody knows, in another trace',
    queue: answers,
    message: { orderId: 3, messageId: answered, type: 'STOCK_REJECTED', traceId: ownTrace.replace('0', 'f') },
    excused: false,
  },
];

/** Puts a message into a queue, with its confirm. */
function publish({ sources }: ShopServers, queue: string, letter: Letter): Promise<void> {
  const { orderId, messageId = randomUUID(), type = 'ORDER_CREATED', traceId } = letter;
  return connected(sources, async (connection) => {
    const channel = await connection.createConfirmChannel();
    channel.sendToQueue(queue, Buffer.from(JSON.stringify({ order_id: orderId })), {
      persistent: true,
      mandatory: true,
      type,
      ...(messageId === '' ? {} : { messageId }),
      headers: traceId === undefined ? {} : { traceparent: `00-${traceId}-0123456789abcdef-01` },
    });
    await channel.waitForConfirms();
  });
}

function letter(servers: ShopServers, queue: string, message: Letter): Promise<void> {
  return publish(servers, deadLetterQueue(queue), message);
}

/** How often the oldest message of a queue was taken and put back, as the broker counts. */
function takenBefore({ sources }: ShopServers, queue: string): Promise<number> {
  return connected(sources, async (connection) => {
    const channel = await connection.createChannel();
    const message = await channel.get(queue, { noAck: true });
    assert.ok(message !== false, `${queue} holds a message`);
    return Number(message.properties.headers?.['x-delivery-count'] ?? 0);
  });
}

function purge({ sources }: ShopServers): Promise<void> {
  return connected(sources, async (connection) => {
    const channel = await connection.createChannel();
    for (const queue of [created, answers, deadLetterQueue(created), deadLetterQueue(answers)])
      await channel.purgeQueue(queue);
  });
}

/** As the services do it: the order, then its stock, then its end. */
async function buyOne({ sql }: ShopServers): Promise<void> {
  const id = await placeOrder(sql, 'PENDING', randomUUID(), '0');
  await sql(
    'products',
    `with supplied as (
       insert into stock_movements (product_id, delta, kind) values (1, 2, 'manual')
     )
     insert into stock_movements (product_id, delta, kind, order_id) values (1, -2, 'reserved', $1)`,
    [id],
  );
  await sql('orders', `update orders set status = 'CONFIRMED', ended_at = now() where id = $1`, [id]);
}

/** Each source can be unread by itself; last, for it stops the servers. */
async function unread(t: TestContext, servers: ShopServers): Promise<void> {
  const { sql, sources } = servers;
  const cases = [
    ['users', { I2: 'UNKNOWN' }],
    ['products', { I2: 'UNKNOWN', I3a: 'UNKNOWN', I3b: 'UNKNOWN', I4: 'UNKNOWN' }],
    ['orders', { I1: 'UNKNOWN', I2: 'UNKNOWN', I3a: 'UNKNOWN', I3b: 'UNKNOWN', I4: 'UNKNOWN' }],
  ] as const;
  for (const [service, unknown] of cases) {
    await t.test(`${service}_db alone cannot be read: 3, and unknown is what depends on it`, async () => {
      await sql(service, `revoke connect on database ${service}_db from audit`);
      const { verdict, verdicts, code } = await audited(servers);
      assert.deepEqual([verdicts, code], [{ ...right, ...unknown }, 3]);
      assert.match(verdict.unread.join(), new RegExp(`${service}_db cannot be read`));
      await sql(service, `grant connect on database ${service}_db to audit`);
      assert.equal((await audited(servers)).code, 0);
    });
  }

  await t.test('what is broken stays broken where something else cannot be read: 1', async () => {
    await sql('products', 'update products set stock = 9 where id = 1');
    await sql('users', 'revoke connect on database users_db from audit');
    const { verdicts, code } = await audited(servers);
    assert.deepEqual([verdicts['I2'], verdicts['I3a'], code], ['UNKNOWN', 'BROKEN', 1]);
    await sql('users', 'grant connect on database users_db to audit');
    await rightShop(sql);
  });

  for (const queue of [created, answers, deadLetterQueue(created), deadLetterQueue(answers)]) {
    await t.test(`${queue} cannot be read: I3b and I4 are unknown, 3`, async () => {
      const args = await connected(sources, async (connection) => {
        const channel = await connection.createChannel();
        return await channel.deleteQueue(queue);
      });
      assert.equal(args.messageCount, 0);
      const { verdict, verdicts, code } = await audited(servers);
      assert.deepEqual([verdicts, code], [{ ...right, I3b: 'UNKNOWN', I4: 'UNKNOWN' }, 3]);
      assert.equal(verdict.in_dlq, queue.endsWith('.dlq') ? null : 0);
      assert.match(verdict.unread.join(), new RegExp(`${queue} cannot be read: it is not declared`));
      await servers.declareQueues();
    });
  }

  await t.test('the broker cannot be read: 3', async () => {
    await servers.rabbitmq.stop();
    const { verdict, verdicts, code } = await audited(servers);
    assert.deepEqual([verdicts, code], [{ ...right, I3b: 'UNKNOWN', I4: 'UNKNOWN' }, 3]);
    assert.equal(verdict.in_dlq, null);
    assert.deepEqual(verdict.unread, ['RabbitMQ cannot be read: connection refused'], 'reported once');
  });

  await t.test('nothing can be read: 3, and no zero is reported', async () => {
    await servers.close();
    await servers.postgres.stop();
    const began = performance.now();
    const { verdict, verdicts, code } = await audited(servers, { settleMs: 500 });
    assert.ok(performance.now() - began >= 500, 'it waits for its sources to come back');
    assert.deepEqual(new Set(Object.values(verdicts)), new Set(['UNKNOWN']));
    assert.equal(code, 3);
    const { lost, doubled, unexpected, oversold, stuck, left_in_outbox, in_dlq, orders } = verdict;
    assert.deepEqual(
      new Set([lost, doubled, unexpected, oversold, stuck, left_in_outbox, in_dlq, ...Object.values(orders)]),
      new Set([null]),
    );
  });
}
