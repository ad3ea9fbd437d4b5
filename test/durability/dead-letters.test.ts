/** Poison is set aside with its reason and everything else goes on; a person can send it again, or drop it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { handles, startConsumer } from '@microshop/events';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { deadLetterQueue } from '@microshop/topology';
import { Type } from 'typebox';
import { migrations } from '../../services/orders/src/store/migrations.ts';
import { assertSound, auditOf } from '../harness/audit.ts';
import { messagesIn, publishAll, takeFrom } from '../harness/broker.ts';
import { type Bought, buy } from '../harness/buyer.ts';
import { untilAnswered } from '../harness/buying.ts';
import { mesh } from '../harness/mesh.ts';
import { quiet, scratchBroker, scratchDatabase, scratchQueue } from '../harness/scratch.ts';
import { endOf, newProduct, newUser, type OrderAnswer, request, stockOf } from '../harness/shop.ts';
import { completeTrace } from '../harness/traces.ts';

let user: { id: number };
before(async () => {
  user = await newUser();
});

for (const batchSize of [1, 100]) {
  test(`invalid JSON among 1,000 messages (batches of ${batchSize}): dead with its reason, the 999 others done`, async () => {
    const [broker, queue, database] = await Promise.all([
      scratchBroker(),
      scratchQueue(),
      scratchDatabase(migrations),
    ]);
    await database.sql.query('create table effects (order_id integer)');
    const poisonId = randomUUID();
    const messages = Array.from({ length: 1000 }, (_, index) =>
      index === 500
        ? { content: '{"order_id":', messageId: poisonId }
        : { content: JSON.stringify({ order_id: index }), messageId: randomUUID() },
    );
    await publishAll(queue.routingKey, messages, 'ORDER_CREATED');
    const consumer = startConsumer({
      broker,
      queue: queue.name,
      sql: database.sql,
      logger: quiet,
      batchSize,
      handlers: {
        ORDER_CREATED: handles(Type.Object({ order_id: Type.Integer() }), async ({ body }, tx) => {
          await tx.query('insert into effects values ($1)', [body.order_id]);
        }),
      },
    });
    try {
      const effects = () =>
        database.sql.query<{ order_id: number }>('select order_id from effects order by order_id');
      await eventuallyDespiteErrors(
        '999 effects',
        async () => ((await effects()).length >= 999 ? true : undefined),
        60_000,
      );
      const dead = await takeFrom(deadLetterQueue(queue.name));
      assert.equal(dead.properties.messageId, poisonId);
      assert.match(String(dead.properties.headers?.['x-error']), /not JSON/);
      await consumer.close();
      const done = (await effects()).map((row) => row.order_id);
      assert.deepEqual(
        done,
        Array.from({ length: 1000 }, (_, index) => index).filter((index) => index !== 500),
      );
      assert.deepEqual([await messagesIn(queue.name), await messagesIn(deadLetterQueue(queue.name))], [0, 0]);
    } finally {
      await consumer.close();
      await broker.close();
      await queue.remove();
      await database.close();
    }
  });
}

/** Places orders that products cannot handle, until each of them is a dead letter. */
async function deadOrders(count: number, productId: number): Promise<Bought[]> {
  await mesh.failpoint('products', 'consumer.handling', 'fail');
  try {
    const bought = await Promise.all(
      Array.from({ length: count }, () =>
        buy(
          { user_id: user.id, product_id: productId, quantity: 1 },
          { patienceMs: 120_000, again: untilAnswered },
        ),
      ),
    );
    await eventuallyDespiteErrors(
      'the messages are dead',
      async () => ((await deadLetters()).length === count ? true : undefined),
      60_000,
    );
    return bought;
  } finally {
    await mesh.failpoint('products', 'consumer.handling', 'off');
  }
}

interface DeadLetterAnswer {
  readonly id: string;
  readonly queue: string;
  readonly order_id: number;
  readonly reason: string;
}

async function deadLetters(): Promise<readonly DeadLetterAnswer[]> {
  const { code, stdout, stderr } = await mesh.cli(['dlq', 'list', '--json']);
  assert.equal(code, 0, stderr);
  const answer: { dead_letters: DeadLetterAnswer[] } = JSON.parse(stdout);
  return answer.dead_letters;
}

async function eventOf(orderId: number): Promise<{ messageId: string; content: string }> {
  const [row] = await mesh.sql<{ message_id: string; body: unknown }>(
    'orders_db',
    `select message_id, body from outbox where type = 'ORDER_CREATED' and (body ->> 'order_id')::integer = $1`,
    [orderId],
  );
  assert.ok(row !== undefined);
  return { messageId: row.message_id, content: JSON.stringify(row.body) };
}

test('a handler that fails: dead with its reason; switched off and replayed, the effect is made once, in the same trace', async () => {
  const product = await newProduct(10);
  const [bought] = await deadOrders(1, product.id);
  assert.ok(bought !== undefined);
  const orderId = bought.last?.body.id ?? 0;
  const [letter] = await deadLetters();
  assert.deepEqual(
    { id: letter?.id, queue: letter?.queue, order_id: letter?.order_id },
    { id: (await eventOf(orderId)).messageId, queue: 'products.orders', order_id: orderId },
  );
  assert.match(letter?.reason ?? '', /Failpoint consumer\.handling/);
  const before = await auditOf([bought], 5000);
  assert.deepEqual([before.in_dlq, before.stuck], [1, 0]);
  assert.ok(before.invariants.every(({ verdict }) => verdict === 'OK'));

  const replayed = await mesh.cli(['dlq', 'replay', letter?.id ?? '']);
  assert.equal(replayed.code, 0, replayed.stderr);
  assert.equal((await endOf(orderId)).status, 'CONFIRMED');
  const inbox = await mesh.sql('products_db', 'select message_id from inbox where message_id = $1', [
    letter?.id,
  ]);
  assert.equal(inbox.length, 1);
  assert.equal(await stockOf(product.id), 9);
  await assertSound([bought]);
  const verdict = await completeTrace(orderId);
  assert.deepEqual(verdict.missing, []);
  assert.equal(verdict.trace_id, bought.last?.traceId);
});

test('a dead ORDER_CREATED that is dropped rejects its order, says why, and takes nothing', async () => {
  const product = await newProduct(10);
  const [bought] = await deadOrders(1, product.id);
  assert.ok(bought !== undefined);
  const dropped = await mesh.cli(['dlq', 'drop', '--all', '--reason', 'Withdrawn', '--json']);
  assert.equal(dropped.code, 0, dropped.stderr);
  const { status, reason } = await endOf(bought.last?.body.id ?? 0);
  assert.equal(status, 'REJECTED');
  assert.match(reason ?? '', /^Withdrawn \(Failpoint/);
  assert.equal(await stockOf(product.id), 10);
  assert.deepEqual(await deadLetters(), []);
  await assertSound([bought]);
  const verdict = await completeTrace(bought.last?.body.id ?? 0);
  assert.deepEqual(verdict.missing, []);
});

test('a dead letter whose effect was made before is dropped without touching its order', async () => {
  const product = await newProduct(10);
  const bought = await buy(
    { user_id: user.id, product_id: product.id, quantity: 1 },
    { patienceMs: 120_000, again: untilAnswered },
  );
  const orderId = bought.last?.body.id ?? 0;
  await endOf(orderId);
  // as the broker would dead-letter a message that was delivered too often after its effect
  await publishAll(deadLetterQueue('products.orders'), [await eventOf(orderId)], 'ORDER_CREATED', '');
  const dropped = await mesh.cli(['dlq', 'drop', '--all']);
  assert.match(dropped.stdout, /unless it was served before/);
  await eventuallyDespiteErrors('the refusal has been consumed', async () =>
    (await messagesIn('products.orders')) === 0 ? true : undefined,
  );
  const { body } = await request<OrderAnswer>('GET', `/api/orders/${orderId}`);
  assert.equal(body.status, 'CONFIRMED');
  await assertSound([bought]);
});

test('listing dead letters many times removes none: they stay until they are replayed or dropped', async () => {
  const product = await newProduct(10);
  await deadOrders(3, product.id);
  // RabbitMQ 4 would drop after 20 returns from a queue without a limit of its own
  for (let look = 0; look < 25; look += 1) {
    const response = await fetch(new URL('/api/dead-letters', mesh.control));
    const { dead_letters: letters }: { dead_letters: unknown[] } = JSON.parse(await response.text());
    assert.equal(letters.length, 3);
  }
  assert.equal((await mesh.cli(['dlq', 'replay', '--all'])).code, 0);
  await assertSound([]);
  assert.equal(await stockOf(product.id), 7);
});

test('wrong usage is reported', async () => {
  for (const args of [['replay'], ['replay', 'x', '--all'], ['drop']]) {
    const { code, stderr } = await mesh.cli(['dlq', ...args]);
    assert.equal(code, 2);
    assert.match(stderr, /--all/);
  }
  const unknown = await mesh.cli(['dlq', 'replay', 'no-such-letter']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /no-such-letter/);
});
