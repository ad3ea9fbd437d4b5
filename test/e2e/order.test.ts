/** One order runs whole, and leaves one whole trace. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { mesh } from '../harness/mesh.ts';
import {
  endOf,
  inTime,
  newProduct,
  newUser,
  type OrderOrProblem,
  orderPlaced,
  placeOrder,
  request,
  stockOf,
} from '../harness/shop.ts';
import { completeTrace } from '../harness/traces.ts';

let user: { id: number };
before(async () => {
  user = await newUser();
});

test('an order is accepted PENDING, ends CONFIRMED, and takes its stock', async () => {
  const product = await newProduct(10, 19.99);
  const answer = await orderPlaced({ user_id: user.id, product_id: product.id, quantity: 3 });

  assert.equal(answer.headers.get('location'), `/api/orders/${answer.body.id}`);
  assert.match(answer.traceId, /^[0-9a-f]{32}$/);
  const { id, created_at: createdAt, ...rest } = answer.body;
  assert.deepEqual(rest, {
    user_id: user.id,
    items: [{ product_id: product.id, quantity: 3, price: 19.99 }],
    total_price: 59.97,
    status: 'PENDING',
  });
  assert.ok(Math.abs(Date.parse(createdAt) - Date.now()) < 60_000);

  assert.equal((await endOf(id)).status, 'CONFIRMED');
  assert.equal(await stockOf(product.id), 7);
});

test('its trace has one root, no orphan and every hop, under the id the client was given', async () => {
  const product = await newProduct(10);
  const order = { user_id: user.id, product_id: product.id, quantity: 1 };
  const answer = await inTime(() => placeOrder(order));
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  await endOf(answer.body.id);
  const verdict = await completeTrace(answer.body.id);
  assert.deepEqual(verdict.missing, []);
  assert.equal(verdict.roots, 1);
  assert.equal(verdict.orphans, 0);
  assert.equal(verdict.trace_id, answer.traceId);
});

test('who placed an order stands on every span of it that a service wrote, up to the last event', async () => {
  const product = await newProduct(10);
  const order = { user_id: user.id, product_id: product.id, quantity: 1 };
  for (const { sent, expected } of [
    { sent: 'load', expected: 'load' },
    { sent: 'somebody', expected: undefined },
  ]) {
    const answer = await inTime(() =>
      request<OrderOrProblem>('POST', '/api/orders', order, { 'x-shop-origin': sent }),
    );
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    await endOf(answer.body.id);
    const { spans } = await completeTrace(answer.body.id);
    const told = ['users', 'products', 'orders'].map((service) => [
      ...new Set(
        spans
          .filter((span) => span.service === service && span.name !== 'POST /api/orders')
          .map((span) => span.attributes['shop.origin']),
      ),
    ]);
    assert.deepEqual(told, [[expected], [expected], [expected]], sent);
    const consumer = spans.find((span) => span.kind === 'consumer' && span.service === 'orders');
    assert.equal(consumer?.attributes['shop.origin'], expected);
  }
});

test('a trace the client claims is not taken over', async () => {
  const product = await newProduct(10);
  const claimed = '0af7651916cd43dd8448eb211c80319c';
  const order = { user_id: user.id, product_id: product.id, quantity: 1 };
  const headers = { traceparent: `00-${claimed}-b7ad6b7169203331-00`, baggage: 'a=b' };
  const answer = await inTime(() => request<OrderOrProblem>('POST', '/api/orders', order, headers));
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.notEqual(answer.traceId, claimed);
  assert.ok((await completeTrace(answer.body.id)).complete);
});

test('an order of several lines takes all of them, equal products added up', async () => {
  const [one, two] = await Promise.all([newProduct(10, 1.1), newProduct(10, 2.2)]);
  const items = [
    { product_id: two.id, quantity: 1 },
    { product_id: one.id, quantity: 2 },
    { product_id: two.id, quantity: 3 },
  ];
  const key = { 'idempotency-key': randomUUID() };
  const answer = await inTime(() =>
    request<OrderOrProblem>('POST', '/api/orders', { user_id: user.id, items }, key),
  );
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.deepEqual(answer.body.items, [
    { product_id: two.id, quantity: 4, price: 2.2 },
    { product_id: one.id, quantity: 2, price: 1.1 },
  ]);
  assert.equal(answer.body.total_price, 11);
  assert.equal((await endOf(answer.body.id)).status, 'CONFIRMED');
  assert.deepEqual([await stockOf(one.id), await stockOf(two.id)], [8, 6]);
});

test('`mesh order` and `mesh trace` tell the same story', async () => {
  const product = await newProduct(5);
  const order = await mesh.cli([
    'order',
    '--user',
    `${user.id}`,
    '--product',
    `${product.id}`,
    '--quantity',
    '2',
  ]);
  assert.equal(order.code, 0, order.stderr);
  assert.match(order.stdout, /CONFIRMED/);
  const [row] = await mesh.sql<{ id: number }>(
    'orders_db',
    'select max(order_id) as id from order_lines where product_id = $1',
    [product.id],
  );
  assert.ok(row !== undefined);

  const json = await mesh.cli(['trace', `${row.id}`, '--json']);
  assert.equal(json.code, 0, json.stdout + json.stderr);
  const verdict = JSON.parse(json.stdout);
  assert.equal(verdict.complete, true);
  assert.deepEqual(verdict.missing, []);

  const plain = await mesh.cli(['trace', `${row.id}`]);
  assert.equal(plain.code, 0, plain.stderr);
  const tooWide = plain.stdout.split('\n').filter((line) => [...line].length > 100);
  assert.deepEqual(tooWide, []);
  for (const name of ['gateway', 'orders-sidecar', 'users', 'products', 'outbox', 'queue']) {
    assert.match(plain.stdout, new RegExp(name));
  }
});
