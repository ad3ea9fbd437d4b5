/** The shop as its clients see it, through the gateway, as far as the lab reads its answers. */

import { expectBody, type JsonAnswer, requestJson } from '@microshop/program-kit/http-json';
import { labOrigin, originHeader } from '@microshop/topology';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';

/** A user. */
export const userSchema = Type.Object({ id: Type.Integer(), email: Type.String(), name: Type.String() });

/** A product with its stock. */
export const productSchema = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  price: Type.Number(),
  stock: Type.Integer(),
});

/** An order. */
export const orderSchema = Type.Object({
  id: Type.Integer(),
  user_id: Type.Integer(),
  items: Type.Array(
    Type.Object({ product_id: Type.Integer(), quantity: Type.Integer(), price: Type.Number() }),
  ),
  total_price: Type.Number(),
  status: Type.Union([Type.Literal('PENDING'), Type.Literal('CONFIRMED'), Type.Literal('REJECTED')]),
  reason: Type.Optional(Type.String()),
  created_at: Type.String(),
});

/** The members of a problem that are shown to people. */
export const problemSchema = Type.Object({
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.String(),
  trace_id: Type.String(),
});

/** A user. */
export type User = Static<typeof userSchema>;
/** A product. */
export type Product = Static<typeof productSchema>;
/** An order. */
export type Order = Static<typeof orderSchema>;
/** A refusal. */
export type Refusal = Static<typeof problemSchema>;

/** Thrown when the shop refuses; carries its problem. */
export class RefusedError extends Error {
  override readonly name: string = 'RefusedError';
  readonly refusal: Refusal;

  constructor(asked: string, refusal: Refusal) {
    super(`${asked} was refused: ${refusal.status} ${refusal.code}, ${refusal.detail}`);
    this.refusal = refusal;
  }
}

/** An order as answered, and the trace it began. */
export interface PlacedOrder {
  readonly order: Order;
  /** 32 hex digits. */
  readonly traceId: string;
}

/**
 * Calls to the shop. Only the order that is placed is the shop's traffic; all else is the lab's own, and meets no fault.
 * Each throws {@link RefusedError} for a problem and `UnreachableError` without an answer.
 */
export interface Shop {
  /** The first page of users, at most 100. */
  users(): Promise<User[]>;
  /** The first page of products, at most 100. */
  products(): Promise<Product[]>;
  product(id: number): Promise<Product>;
  createUser(user: { email: string; name: string; password: string }): Promise<User>;
  createProduct(product: {
    name: string;
    description: string;
    price: number;
    stock: number;
  }): Promise<Product>;
  placeOrder(
    order: { user_id: number; product_id: number; quantity: number },
    key: string,
  ): Promise<PlacedOrder>;
  order(id: number): Promise<Order>;
}

/**
 * A client of the shop behind that gateway, `http://host:port`. Where it authenticates clients, `signIn` answers the token to show,
 * which ends after a while; without it such a call is refused.
 */
export function shopClient(gateway: string, signIn?: () => Promise<string>): Shop {
  let token: string | undefined;

  /** Sends it with the token that there is, and once more with another when that is none, or has ended. */
  async function send(
    method: 'GET' | 'POST',
    path: string,
    options: { body?: unknown; headers: Record<string, string> },
  ): Promise<JsonAnswer> {
    const once = async () => {
      const shown = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const headers = { ...options.headers, ...shown };
      return await requestJson('gateway', method, gateway + path, { ...options, headers });
    };
    const first = await once();
    if (first.status !== 401 || signIn === undefined) return first;
    token = await signIn();
    return await once();
  }

  async function call<S extends TSchema>(
    schema: S,
    method: 'GET' | 'POST',
    path: string,
    options: { body?: unknown; headers?: Record<string, string> } = {},
  ) {
    const asked = `${method} ${path}`;
    const headers = { [originHeader]: labOrigin, ...options.headers };
    const answer = await send(method, path, { ...options, headers });
    if (answer.status >= 400 && Value.Check(problemSchema, answer.body)) {
      throw new RefusedError(asked, answer.body);
    }
    return { body: expectBody(schema, answer.body, asked), traceId: answer.traceId };
  }

  return {
    users: async () => (await call(Type.Array(userSchema), 'GET', '/api/users?limit=100')).body,
    products: async () => (await call(Type.Array(productSchema), 'GET', '/api/products?limit=100')).body,
    product: async (id) => (await call(productSchema, 'GET', `/api/products/${id}`)).body,
    createUser: async (user) => (await call(userSchema, 'POST', '/api/users', { body: user })).body,
    createProduct: async (product) =>
      (await call(productSchema, 'POST', '/api/products', { body: product })).body,
    placeOrder: async (order, key) => {
      const headers = { 'idempotency-key': key, [originHeader]: 'person' };
      const { body, traceId } = await call(orderSchema, 'POST', '/api/orders', { body: order, headers });
      return { order: body, traceId };
    },
    order: async (id) => (await call(orderSchema, 'GET', `/api/orders/${id}`)).body,
  };
}
