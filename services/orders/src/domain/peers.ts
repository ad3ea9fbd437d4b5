/** What orders asks of users and products, and what their answers mean for an order. */
import type { Deadline, MeshClient } from '@microshop/mesh-client';
import { answerOf, maxPriceCents, ProblemError, refusedCall } from '@microshop/service-kit';
import { type Static, Type } from 'typebox';
import type { OrderLine, PricedLine } from './order.ts';

/** Answer of `GET /api/users/{id}`, as far as orders reads it. */
const userAnswer = Type.Object({ id: Type.Integer() });

/** Answer of `GET /api/products?ids=`, as far as orders reads it. */
const productsAnswer = Type.Array(
  Type.Object({
    id: Type.Integer(),
    price: Type.Number({ minimum: 0, maximum: maxPriceCents / 100 }),
    stock: Type.Integer(),
  }),
);

/** Checks that need other services. All throw {@link ProblemError}. */
export interface Peers {
  /** Resolves when there is such a user. */
  checkUser(userId: number, deadline: Deadline): Promise<void>;
  /** The lines with their prices, when every product exists and has enough stock right now. */
  priceLines(lines: readonly OrderLine[], deadline: Deadline): Promise<PricedLine[]>;
}

/** Asks through the mesh. */
export function createPeers(client: MeshClient): Peers {
  const users = client.peer('users');
  const products = client.peer('products');

  return {
    async checkUser(userId, deadline) {
      const call = users.get(`/api/users/${userId}`, { schema: userAnswer, deadline });
      const { ok, status } = await answerOf('orders', call);
      if (ok) return;
      if (status !== 404) throw refusedCall('users', status);
      throw new ProblemError(400, 'not_found', 'User not found', { members: { user_id: userId } });
    },

    async priceLines(lines, deadline) {
      const ids = lines.map((line) => line.productId).join(',');
      const call = products.get(`/api/products?ids=${ids}`, { schema: productsAnswer, deadline });
      const answer = await answerOf('orders', call);
      if (answer.ok) return priced(lines, answer.body);
      if (answer.status !== 404) throw refusedCall('products', answer.status);
      throw productsNotFound(lines.map((line) => line.productId));
    },
  };
}

/** Prices the lines from products' answer, or says what is missing or short. */
export function priced(lines: readonly OrderLine[], answer: Static<typeof productsAnswer>): PricedLine[] {
  const known = new Map(answer.map((product) => [product.id, product]));
  const unknown = lines.filter((line) => !known.has(line.productId));
  if (unknown.length > 0) throw productsNotFound(unknown.map((line) => line.productId));

  const short = lines.flatMap((line) => {
    const available = known.get(line.productId)?.stock ?? 0;
    return available < line.quantity
      ? [{ product_id: line.productId, wanted: line.quantity, available }]
      : [];
  });
  if (short.length > 0) {
    throw new ProblemError(400, 'not_enough_stock', 'Not enough stock', { members: { shortages: short } });
  }
  return lines.flatMap((line) => {
    const product = known.get(line.productId);
    return product === undefined ? [] : [{ ...line, priceCents: Math.round(product.price * 100) }];
  });
}

function productsNotFound(productIds: readonly number[]): ProblemError {
  return new ProblemError(400, 'not_found', 'Product not found', { members: { product_ids: productIds } });
}
