import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Order, Product, Shop } from '@microshop/control/service/shop';
import { firstOrder } from './up.ts';

type Status = Order['status'];

/** A shop with those products, whose order has that status at each poll in turn, the last one for ever. */
function shop(stocks: readonly number[], statuses: readonly [Status, ...Status[]]) {
  const ordered: number[] = [];
  let polls = 0;
  const order = (): Order => ({
    ...{ id: 7, user_id: 1, items: [], total_price: 1, created_at: '2026-01-01T00:00:00Z' },
    status: statuses[Math.min(polls++, statuses.length - 1)] ?? statuses[0],
  });
  const hands: Pick<Shop, 'users' | 'products' | 'placeOrder' | 'order'> = {
    users: async () => [{ id: 1, email: 'a@example.com', name: 'A' }],
    products: async () =>
      stocks.map((stock, index): Product => ({ id: index + 1, name: 'P', price: 1, stock })),
    placeOrder: async ({ product_id: id }) => {
      ordered.push(id);
      return { order: order(), traceId: '' };
    },
    order: async () => order(),
  };
  return { hands, ordered };
}

const { signal } = new AbortController();

test('the first order is for a product that is there, and is waited for until it is confirmed', async () => {
  const { hands, ordered } = shop([0, 5], ['PENDING', 'PENDING', 'CONFIRMED']);
  await firstOrder(hands, signal);
  assert.deepEqual(ordered, [2]);
});

test('a shop that rejects the order, or has nothing to order, is no start', async () => {
  await assert.rejects(firstOrder(shop([5], ['PENDING', 'REJECTED']).hands, signal), /is REJECTED/);
  await assert.rejects(firstOrder(shop([0], ['CONFIRMED']).hands, signal), /nothing to order/);
});
