/** Stock is exact: refused when short, never below zero, never sold twice. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { mesh } from '../harness/mesh.ts';
import {
  type Answer,
  endOf,
  inTime,
  newProduct,
  newUser,
  type OrderOrProblem,
  type ProductAnswer,
  placeOrder,
  request,
  stockOf,
} from '../harness/shop.ts';
import { completeTrace } from '../harness/traces.ts';

let user: { id: number };
before(async () => {
  user = await newUser();
});

test('more than the stock is refused at once', async () => {
  const product = await newProduct(2);
  const order = { user_id: user.id, product_id: product.id, quantity: 3 };
  const { status, body } = await inTime(() => placeOrder(order));
  assert.equal(status, 400);
  assert.equal(body.code, 'not_enough_stock');
  assert.equal(body.detail, 'Not enough stock');
  assert.equal(await stockOf(product.id), 2);
});

/** The same order so many times at once, each with a key of its own and asked for again while it is late. */
function atOnce(count: number, order: object): Promise<Answer<OrderOrProblem>[]> {
  return Promise.all(
    Array.from({ length: count }, () => {
      const key = { 'idempotency-key': randomUUID() };
      return inTime(() => request<OrderOrProblem>('POST', '/api/orders', order, key));
    }),
  );
}

test('40 orders at once for 10 units: 10 confirmed, the others refused or rejected, none left', async () => {
  const product = await newProduct(10);
  const answers = await atOnce(40, { user_id: user.id, product_id: product.id, quantity: 1 });
  const refused = answers.filter((answer) => answer.status !== 201);
  assert.ok(refused.every((answer) => answer.status === 400 && answer.body.code === 'not_enough_stock'));
  const accepted = answers.filter((answer) => answer.status === 201);
  const ends = await Promise.all(accepted.map((answer) => endOf(answer.body.id)));
  const confirmed = ends.filter((order) => order.status === 'CONFIRMED');
  const rejected = ends.filter((order) => order.status === 'REJECTED');

  assert.equal(confirmed.length, 10);
  assert.equal(rejected.length, accepted.length - 10);
  assert.ok(rejected.every((order) => /Not enough stock/.test(order.reason ?? '')));
  assert.equal(await stockOf(product.id), 0);

  const [sums] = await mesh.sql<{ stock: number; movements: string }>(
    'products_db',
    `select stock, (select sum(delta) from stock_movements where product_id = products.id) as movements
     from products where id = $1`,
    [product.id],
  );
  assert.deepEqual(sums, { stock: 0, movements: '0' });
});

test('an order that is rejected later takes no line, says why, and its trace is whole too', async () => {
  const [plenty, scarce] = await Promise.all([newProduct(5), newProduct(1)]);
  const items = [plenty, scarce].map(({ id }) => ({ product_id: id, quantity: 1 }));
  // Products takes none of the events until all orders are placed: each of them finds the one unit there.
  const answers = await mesh.locked('products', 'inbox', () => atOnce(5, { user_id: user.id, items }));
  assert.deepEqual(
    answers.map(({ status }) => status),
    answers.map(() => 201),
  );
  const ends = await Promise.all(answers.map((answer) => endOf(answer.body.id)));
  const [rejected = assert.fail('none was rejected'), ...others] = ends.filter(
    (order) => order.status === 'REJECTED',
  );
  assert.equal(others.length + 1, answers.length - 1, 'all but one');
  assert.deepEqual([await stockOf(plenty.id), await stockOf(scarce.id)], [4, 0]);
  assert.match(rejected.reason ?? '', new RegExp(`product ${scarce.id}: wanted 1, in stock 0`));
  const verdict = await completeTrace(rejected.id);
  assert.ok(verdict.complete, verdict.missing.join('; '));
});

test('stock changed by hand is kept as a movement, and never goes below zero', async () => {
  const product = await newProduct(5);
  const path = `/api/products/${product.id}/stock`;
  const more = await request<ProductAnswer>('POST', path, { delta: 3, reason: 'delivery' });
  assert.deepEqual([more.status, more.body.stock], [200, 8]);
  const less = await request('POST', path, { delta: -9, reason: 'shrinkage' });
  assert.deepEqual([less.status, less.body.code], [400, 'bad_request']);
  assert.match(less.body.detail, /delta/);
  assert.equal(
    (await request('POST', '/api/products/2147483647/stock', { delta: 1, reason: 'x' })).status,
    404,
  );
  const movements = await mesh.sql(
    'products_db',
    'select delta, kind, reason from stock_movements where product_id = $1 order by id',
    [product.id],
  );
  assert.deepEqual(movements, [
    { delta: 5, kind: 'initial', reason: null },
    { delta: 3, kind: 'manual', reason: 'delivery' },
  ]);
});
