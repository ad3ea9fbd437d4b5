import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '@microshop/service-kit';
import { priced } from './peers.ts';

const answer = [
  { id: 1, price: 19.99, stock: 5 },
  { id: 2, price: 0.29, stock: 0 },
];

test('lines get the price of now, in exact cents', () => {
  assert.deepEqual(priced([{ productId: 1, quantity: 5 }], answer), [
    { productId: 1, quantity: 5, priceCents: 1999 },
  ]);
});

test('a product that does not exist is named, before any shortage', () => {
  assert.throws(
    () =>
      priced(
        [
          { productId: 2, quantity: 1 },
          { productId: 9, quantity: 1 },
        ],
        answer,
      ),
    (error) =>
      error instanceof ProblemError &&
      error.status === 400 &&
      error.code === 'not_found' &&
      error.message === 'Product not found' &&
      JSON.stringify(error.members) === '{"product_ids":[9]}',
  );
});

test('each shortage is told with what there is', () => {
  assert.throws(
    () =>
      priced(
        [
          { productId: 1, quantity: 6 },
          { productId: 2, quantity: 1 },
        ],
        answer,
      ),
    (error) =>
      error instanceof ProblemError &&
      error.code === 'not_enough_stock' &&
      error.message === 'Not enough stock' &&
      JSON.stringify(error.members['shortages']) ===
        '[{"product_id":1,"wanted":6,"available":5},{"product_id":2,"wanted":1,"available":0}]',
  );
});
