import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { RefusedError, type Shop } from '../service/shop.ts';
import { createTraffic } from './traffic.ts';

const detail = { detail: 'no', trace_id: 'a'.repeat(32) };
const refusals = [
  { status: 409, code: 'out_of_stock', ...detail },
  { status: 503, code: 'breaker_open', ...detail },
] as const;

/** A shop that takes one order of three, refuses one, and fails for one. */
function shop(): Shop & { readonly wishes: unknown[] } {
  const wishes: unknown[] = [];
  const unused = () => Promise.reject(new Error('not asked for here'));
  return {
    wishes,
    users: async () => [{ id: 7, email: 'a@example.com', name: 'A' }],
    products: async () => [{ id: 3, name: 'Mug', price: 9.5, stock: 10 }],
    product: unused,
    createUser: unused,
    createProduct: unused,
    order: unused,
    async placeOrder(order) {
      wishes.push(order);
      const refusal = refusals[(wishes.length + 1) % 3];
      if (refusal !== undefined) throw new RefusedError('POST /api/orders', refusal);
      const { user_id, product_id, quantity } = order;
      return {
        traceId: 'b'.repeat(32),
        order: {
          id: wishes.length,
          user_id,
          items: [{ product_id, quantity, price: 9.5 }],
          total_price: 9.5,
          status: 'PENDING',
          created_at: '2026-11-27T12:00:00Z',
        },
      };
    },
  };
}

test('who and what is left out is chosen among those there are', async () => {
  const counter = shop();
  await createTraffic(counter).place({ quantity: 2 });
  await createTraffic(counter)
    .place({ user_id: 1, product_id: 2 })
    .catch(() => undefined);
  assert.deepEqual(counter.wishes, [
    { user_id: 7, product_id: 3, quantity: 2 },
    { user_id: 1, product_id: 2, quantity: 1 },
  ]);
});

test('orders at a rate are counted by how they end, and end when they are stopped', async () => {
  const traffic = createTraffic(shop());
  traffic.run(20, 60);
  assert.equal(traffic.state().rate, 20);
  await eventually('six orders', () => {
    const { placed, refused, failed } = traffic.state();
    return placed + refused + failed >= 6;
  });
  traffic.stop();
  const { rate, left_s, placed, refused, failed } = traffic.state();
  assert.deepEqual([rate, left_s], [0, 0]);
  // the first is taken, the second sold out, the third not answered, and so on
  assert.ok(placed - failed <= 1 && placed >= refused && refused >= failed, `${placed} ${refused} ${failed}`);
});
