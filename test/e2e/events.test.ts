/** Events: none is lost, none takes effect twice, poison is kept where it can be looked at. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { deadLetterQueue, eventExchange, eventRoute } from '@microshop/topology';
import { messagesIn, onChannel, publish, takeFrom } from '../harness/broker.ts';
import { mesh } from '../harness/mesh.ts';
import { endOf, newProduct, newUser, orderPlaced, stockOf } from '../harness/shop.ts';
import { completeTrace } from '../harness/traces.ts';

const created = eventRoute('ORDER_CREATED');
const deadLetters = deadLetterQueue(created.queue);

let user: { id: number };
before(async () => {
  user = await newUser();
});

async function confirmedOrder(productId: number, quantity: number): Promise<number> {
  const answer = await orderPlaced({ user_id: user.id, product_id: productId, quantity });
  assert.equal((await endOf(answer.body.id)).status, 'CONFIRMED');
  return answer.body.id;
}

test('an event that is delivered many times at once takes effect once', async () => {
  const product = await newProduct(50);
  const orderId = await confirmedOrder(product.id, 3);
  const [row] = await mesh.sql<{ message_id: string; body: unknown }>(
    'orders_db',
    `select message_id, body from outbox where (body ->> 'order_id')::integer = $1`,
    [orderId],
  );
  assert.ok(row !== undefined, 'the published event is still in the outbox');
  const copy = () =>
    publish(created.routingKey, JSON.stringify(row.body), { messageId: row.message_id, type: created.type });
  await Promise.all(Array.from({ length: 10 }, copy));

  // what is published later is processed later: once these have ended, the copies have been taken, too
  for (let order = 0; order < 5; order += 1) await confirmedOrder(product.id, 1);
  const movements = await mesh.sql('products_db', 'select delta from stock_movements where order_id = $1', [
    orderId,
  ]);
  assert.deepEqual(movements, [{ delta: -3 }]);
  assert.equal(await stockOf(product.id), 42);
  assert.equal(await messagesIn(deadLetters), 0);
});

const poison: [string, string, { messageId?: string; type?: string }, RegExp][] = [
  ['no JSON', '{', { messageId: randomUUID(), type: created.type }, /JSON/],
  ['a field missing', '{"order_id":1}', { messageId: randomUUID(), type: created.type }, /body/],
  ['an unknown type', '{}', { messageId: randomUUID(), type: 'ORDER_EATEN' }, /ORDER_EATEN/],
  ['no message id', '{}', { type: created.type }, /messageId/],
];

for (const [what, content, properties, error] of poison) {
  test(`poison (${what}) goes to the dead-letter queue with its reason, and orders go on`, async () => {
    await publish(created.routingKey, content, properties);
    const dead = await takeFrom(deadLetters);
    assert.equal(dead.content.toString(), content);
    assert.equal(dead.properties.messageId, properties.messageId);
    assert.match(String(dead.properties.headers?.['x-error']), error);
    const product = await newProduct(1);
    await confirmedOrder(product.id, 1);
  });
}

test('a binding that is taken away comes back: the event that no queue took leaves, and its trace stays one', async () => {
  const product = await newProduct(5);
  await onChannel((channel) => channel.unbindQueue(created.queue, eventExchange, created.routingKey));
  const orderId = await confirmedOrder(product.id, 1);
  assert.ok((await completeTrace(orderId)).complete);
});
