/** A sale: far more buyers than units, all at once. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { assertSound } from '../harness/audit.ts';
import { buy } from '../harness/buyer.ts';
import { mesh } from '../harness/mesh.ts';
import { endOf, newProduct, newUser, stockOf } from '../harness/shop.ts';

const buyers = 500;
const units = 100;

let user: { id: number };
before(async () => {
  user = await newUser();
});

test('500 buyers of 1 for 100 units: exactly 100 confirmed, stock 0, none hangs', async (t) => {
  const product = await newProduct(units);
  const bought = await Promise.all(
    Array.from({ length: buyers }, () =>
      buy(
        { user_id: user.id, product_id: product.id, quantity: 1 },
        // 504 means unknown: its key tells
        { patienceMs: 10_000, again: (status) => [429, 503, 504].includes(status) },
      ),
    ),
  );
  const answers = Object.groupBy(bought, ({ last }) => String(last?.status ?? 'none'));
  t.diagnostic(
    Object.entries(answers)
      .map(([status, of]) => `${of?.length} × ${status}`)
      .join(', '),
  );
  // refused because there is no stock left, or still pushed back after its 10 s
  for (const { last } of bought)
    assert.ok([201, 400, 429, 503, 504].includes(last?.status ?? 0), String(last?.status));
  const refused = bought.filter(({ last }) => last?.status === 400);
  assert.ok(refused.every(({ last }) => last?.body.code === 'not_enough_stock'));

  const accepted = bought.filter(({ last }) => last?.status === 201);
  await Promise.all(accepted.map(({ last }) => endOf(last?.body.id ?? 0, 30_000)));
  await assertSound(bought, 15_000);

  // all rows, not only those answered: a buyer who was last told 504 may have an order, too
  const rows = await mesh.sql<{ status: string; orders: number }>(
    'orders_db',
    `select status, count(*)::integer as orders from orders join order_lines on order_id = orders.id
     where product_id = $1 group by status order by status`,
    [product.id],
  );
  t.diagnostic(rows.map(({ status, orders }) => `${orders} ${status}`).join(', '));
  assert.deepEqual(rows[0], { status: 'CONFIRMED', orders: units });
  assert.ok(rows.every(({ status }) => ['CONFIRMED', 'REJECTED'].includes(status)));
  assert.equal(await stockOf(product.id), 0);
});
