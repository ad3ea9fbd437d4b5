/** The database is down for a while, or restarted; what was accepted is done afterwards. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { deadLetterQueue, eventRoute } from '@microshop/topology';
import { assertSound } from '../harness/audit.ts';
import { messagesIn, publish } from '../harness/broker.ts';
import { buy, outageSeconds } from '../harness/buyer.ts';
import { steadily, untilAnswered } from '../harness/buying.ts';
import { mesh } from '../harness/mesh.ts';
import { inTime, newProduct, newUser, placeOrder, stockOf } from '../harness/shop.ts';

const created = eventRoute('ORDER_CREATED');
const deadLetters = deadLetterQueue(created.queue);

let user: { id: number };
before(async () => {
  user = await newUser();
});

test('PostgreSQL down with messages under way: none is dead, all are done afterwards', async (t) => {
  const product = await newProduct(1000);
  const orders = 20;
  // accepted, and kept in the outbox, until the messages can be delivered into the outage
  await mesh.failpoint('orders', 'relay.leased', 'fail');
  t.after(() => mesh.failpoint('orders', 'relay.leased', 'off'));
  const bought = await Promise.all(
    Array.from({ length: orders }, () =>
      buy(
        { user_id: user.id, product_id: product.id, quantity: 1 },
        { patienceMs: 120_000, again: untilAnswered },
      ),
    ),
  );
  const rows = await mesh.sql<{ message_id: string; body: unknown }>(
    'orders_db',
    `select message_id, body from outbox where (body ->> 'order_id')::integer = any($1)`,
    [bought.map(({ last }) => last?.body.id)],
  );
  assert.equal(rows.length, orders);

  t.after(() => mesh.start('postgres'));
  await mesh.stop('postgres');
  await mesh.failpoint('orders', 'relay.leased', 'off');
  for (const { message_id: messageId, body } of rows) {
    await publish(created.routingKey, JSON.stringify(body), { messageId, type: created.type });
  }
  await eventuallyDespiteErrors('products holds the messages', async () =>
    (await messagesIn(created.queue)) === 0 ? true : undefined,
  );
  const refused = await inTime(() => placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 }));
  assert.equal(refused.status, 503);
  await delay(outageSeconds * 1000);
  assert.equal(await messagesIn(deadLetters), 0);

  await mesh.start('postgres');
  const audit = await assertSound(bought);
  t.diagnostic(`${outageSeconds} s down, done ${audit.waited_ms} ms after PostgreSQL was healthy`);
  assert.equal(await stockOf(product.id), 1000 - orders);
});

test('PostgreSQL restarted under load: the services go on by themselves', async (t) => {
  const product = await newProduct(10_000);
  const load = steadily(10, 10_000, () =>
    buy(
      { user_id: user.id, product_id: product.id, quantity: 1 },
      { patienceMs: 120_000, again: untilAnswered },
    ),
  );
  await delay(3000);
  const pids = await processes();
  await mesh.stop('postgres');
  await mesh.start('postgres');
  const bought = await load;
  assert.deepEqual([...new Set(bought.map(({ last }) => last?.status))], [201]);
  const audit = await assertSound(bought);
  // none of them had to be started again
  assert.deepEqual(await processes(), pids);
  t.diagnostic(`${bought.length} orders, settled after ${audit.waited_ms} ms`);
});

async function processes(): Promise<Record<string, number | null>> {
  const { stdout } = await mesh.cli(['status', '--json']);
  const { parts }: { parts: { name: string; pid: number | null; kind: string }[] } = JSON.parse(stdout);
  return Object.fromEntries(parts.filter(({ kind }) => kind === 'app').map(({ name, pid }) => [name, pid]));
}
