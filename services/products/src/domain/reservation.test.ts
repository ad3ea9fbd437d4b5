import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocate, type OrderOutcome, type StockOrder } from './reservation.ts';

const order = (orderId: number, ...lines: [productId: number, quantity: number][]): StockOrder => ({
  orderId,
  lines: lines.map(([productId, quantity]) => ({ productId, quantity })),
});

const reserved: OrderOutcome = { kind: 'reserved' };

test('one order after the other takes all of its lines or none, and learns what it lacks', () => {
  const orders = [order(1, [1, 3]), order(2, [1, 3], [2, 1], [9, 1]), order(3, [1, 2], [2, 1])];
  const stocks = new Map([
    [1, 5],
    [2, 1],
  ]);
  const { outcomes, taken } = allocate(orders, { stocks, locked: new Set(), before: new Map() });
  const reason = 'Not enough stock: product 1: wanted 3, in stock 2; product 9 does not exist';
  assert.deepEqual(
    [...outcomes],
    [
      [1, reserved],
      [2, { kind: 'rejected', reason }],
      [3, reserved],
    ],
  );
  assert.deepEqual(taken, [
    { orderId: 1, productId: 1, quantity: 3 },
    { orderId: 3, productId: 1, quantity: 2 },
    { orderId: 3, productId: 2, quantity: 1 },
  ]);
  assert.deepEqual([...stocks.values()], [5, 1], 'what was there is not changed');
});

test('a locked product holds up the orders for it and no others; who had an outcome gets no second', () => {
  const orders = [order(1, [1, 1], [2, 1]), order(2, [2, 1]), order(3, [2, 1]), order(2, [2, 1])];
  const stocks = new Map([[2, 5]]);
  const before = new Map([[3, reserved]]);
  const { outcomes, taken } = allocate(orders, { stocks, locked: new Set([1]), before });
  assert.deepEqual([...outcomes], [[2, reserved]]);
  assert.deepEqual(taken, [{ orderId: 2, productId: 2, quantity: 1 }]);
});
