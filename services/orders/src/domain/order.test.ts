import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addUpLines, requestHash, totalCents } from './order.ts';

test('equal products are added up, in the order in which they came first', () => {
  const lines = addUpLines([
    { productId: 2, quantity: 1 },
    { productId: 1, quantity: 5 },
    { productId: 2, quantity: 3 },
  ]);
  assert.deepEqual(lines, [
    { productId: 2, quantity: 4 },
    { productId: 1, quantity: 5 },
  ]);
});

test('the largest order there can be has an exact total', () => {
  const line = { productId: 1, quantity: 10_000, priceCents: 999_999_999 };
  const total = totalCents(Array.from({ length: 100 }, () => line));
  assert.equal(BigInt(total), 100n * 10_000n * 999_999_999n);
  assert.ok(Number.isSafeInteger(total));
});

test('the same order hashes alike however it is written, any other differently', () => {
  const hash = (userId: number, ...lines: [number, number][]) =>
    requestHash({ userId, lines: lines.map(([productId, quantity]) => ({ productId, quantity })) }).toString(
      'hex',
    );
  assert.equal(hash(1, [1, 2], [3, 4]), hash(1, [3, 4], [1, 2]));
  const others = [
    hash(1, [1, 2]),
    hash(2, [1, 2]),
    hash(1, [1, 3]),
    hash(1, [2, 2]),
    hash(1, [1, 2], [2, 1]),
    hash(11, [2, 2]),
  ];
  assert.equal(new Set(others).size, others.length);
});
