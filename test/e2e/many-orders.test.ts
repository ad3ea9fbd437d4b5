/** Many orders at once: each is accepted, and leaves one whole trace; of a sale exactly the stock is sold. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { mesh } from '../harness/mesh.ts';
import { endOf, newProduct, newUser, placeOrder, stockOf } from '../harness/shop.ts';
import { completeTrace } from '../harness/traces.ts';

test('100 orders placed at once: 100 confirmed, 100 complete traces', async () => {
  const [user, product] = await Promise.all([newUser(), newProduct(1000)]);
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => placeOrder({ user_id: user.id, product_id: product.id, quantity: 2 })),
  );
  assert.deepEqual(
    answers.map((answer) => answer.status),
    answers.map(() => 201),
  );
  const ends = await Promise.all(answers.map((answer) => endOf(answer.body.id, 30_000)));
  assert.ok(ends.every((order) => order.status === 'CONFIRMED'));
  assert.equal(await stockOf(product.id), 800);

  const verdicts = await Promise.all(answers.map((answer) => completeTrace(answer.body.id)));
  const incomplete = verdicts
    .filter((verdict) => !verdict.complete)
    .map(({ trace_id, missing, roots, orphans }) => ({ trace_id, missing, roots, orphans }));
  assert.deepEqual(incomplete, []);
});

test('a flash sale sells exactly the stock', async () => {
  const settings = { P95_MS: '60000', P99_MS: '60000', STOCK: '20', RATE: '15', DURATION: '5s' };
  const result = await mesh.load('flash-sale', settings);
  assert.equal(result.code, 0, result.stdout + result.stderr);
  assert.ok(result.directory !== undefined, 'no summary');
  const { orders } = JSON.parse(readFileSync(path.join(result.directory, 'summary.json'), 'utf8'));
  assert.ok(orders.refused > 0);
  assert.equal(orders.failed, 0);
});
