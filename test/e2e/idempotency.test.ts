/** A repeated key is one order. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { mesh } from '../harness/mesh.ts';
import {
  endOf,
  inTime,
  newProduct,
  newUser,
  orderPlaced,
  placeOrder,
  request,
  stockOf,
} from '../harness/shop.ts';

let user: { id: number };
before(async () => {
  user = await newUser();
});

async function ordersOfKey(key: string): Promise<number> {
  const rows = await mesh.sql('orders_db', 'select id from orders where idempotency_key = $1', [key]);
  return rows.length;
}

test('the same key and body get the same 201, even after the order has ended; the trace is its own', async () => {
  const product = await newProduct(5);
  const order = { user_id: user.id, product_id: product.id, quantity: 1 };
  const key = randomUUID();
  const first = await orderPlaced(order, key);
  assert.equal((await endOf(first.body.id)).status, 'CONFIRMED');
  const again = await orderPlaced(order, key);
  assert.deepEqual(again.body, first.body);
  assert.notEqual(again.traceId, first.traceId);
  const lines = { user_id: user.id, items: [{ product_id: product.id, quantity: 1 }] };
  const otherForm = await inTime(() => request('POST', '/api/orders', lines, { 'idempotency-key': key }));
  assert.deepEqual(otherForm.body, first.body);
  assert.equal(await ordersOfKey(key), 1);
  assert.equal(await stockOf(product.id), 4);
});

test('ten at once get the same 201, also when there is stock for one only', async () => {
  for (const stock of [100, 1]) {
    const product = await newProduct(stock);
    const key = randomUUID();
    const order = { user_id: user.id, product_id: product.id, quantity: 1 };
    const answers = await Promise.all(Array.from({ length: 10 }, () => orderPlaced(order, key)));
    const [first] = answers;
    for (const answer of answers) assert.deepEqual(answer.body, first?.body);
    assert.equal(await ordersOfKey(key), 1);
    assert.equal((await endOf(first?.body.id ?? 0)).status, 'CONFIRMED');
    assert.equal(await stockOf(product.id), stock - 1);
  }
});

test('the key with another body is refused, and changes nothing', async () => {
  const product = await newProduct(5);
  const key = randomUUID();
  const order = { user_id: user.id, product_id: product.id, quantity: 1 };
  const first = await orderPlaced(order, key);
  const other = await inTime(() => placeOrder({ ...order, quantity: 2 }, key));
  assert.equal(other.status, 422);
  assert.equal(other.body.code, 'key_reused');
  await endOf(first.body.id);
  assert.equal(await stockOf(product.id), 4);
});

test('a refused order leaves its key free', async () => {
  const product = await newProduct(0);
  const key = randomUUID();
  const order = { user_id: user.id, product_id: product.id, quantity: 1 };
  assert.equal((await inTime(() => placeOrder(order, key))).status, 400);
  await request('POST', `/api/products/${product.id}/stock`, { delta: 1, reason: 'delivery' });
  await orderPlaced(order, key);
});

test('a key that is empty or too long is refused by name', async () => {
  const product = await newProduct(1);
  const order = { user_id: user.id, product_id: product.id, quantity: 1 };
  for (const key of ['', 'k'.repeat(256)]) {
    const answer = await inTime(() => placeOrder(order, key));
    assert.equal(answer.status, 400);
    assert.match(answer.body.detail, /idempotency-key/);
  }
  await orderPlaced(order, randomUUID().padEnd(255, 'k'));
});
