/** Many orders at once: each is accepted, and leaves one whole trace. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
