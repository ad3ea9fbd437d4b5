/** The shop as a client sees it: through the gateway. */
import { randomUUID } from 'node:crypto';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { originHeader } from '@microshop/topology';
import { mesh } from './mesh.ts';

/** An answer with its JSON body. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  /** `x-trace-id`. */
  readonly traceId: string;
}

/** Members of an error body that tests look at. */
export interface ProblemAnswer {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly trace_id: string;
  readonly dependency?: string;
}

/**
 * Whether a service refused it because it was behind with all its work (`packages/service-kit/src/pressure.ts`): so a busy
 * machine answers, whatever a test has changed. A breaker that is full names the peer as well.
 */
export function isShed({ body }: Answer<Pick<ProblemAnswer, 'code' | 'dependency'>>): boolean {
  return body.code === 'overloaded' && body.dependency === undefined;
}

/** A product as the API shows it. */
export interface ProductAnswer {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly price: number;
  readonly stock: number;
}

/** An order as the API shows it. */
export interface OrderAnswer {
  readonly id: number;
  readonly user_id: number;
  readonly items: readonly {
    readonly product_id: number;
    readonly quantity: number;
    readonly price: number;
  }[];
  readonly total_price: number;
  readonly status: 'PENDING' | 'CONFIRMED' | 'REJECTED';
  readonly reason?: string;
  readonly created_at: string;
}

/** Answer to `POST /api/orders`, whichever it is; `status` is the order's, and a number in a problem. */
export type OrderOrProblem = OrderAnswer & Omit<ProblemAnswer, 'status'>;

/** Sends a request through the gateway. A string body is sent as it is. */
export async function request<Body = ProblemAnswer>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<Body>> {
  const sent = { [originHeader]: 'test', ...headers };
  const init: RequestInit = { method, headers: sent, signal: AbortSignal.timeout(10_000) };
  if (body !== undefined) {
    init.body = typeof body === 'string' ? body : JSON.stringify(body);
    init.headers = { 'content-type': 'application/json', ...sent };
  }
  const response = await fetch(new URL(path, mesh.gateway), init);
  const text = await response.text();
  const parsed: Body = text === '' ? undefined : JSON.parse(text);
  return {
    status: response.status,
    headers: response.headers,
    body: parsed,
    traceId: response.headers.get('x-trace-id') ?? '',
  };
}

async function created<Body>(path: string, body: unknown): Promise<Body> {
  const answer = await request<Body>('POST', path, body);
  if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** A new user. */
export function newUser(): Promise<{ id: number; email: string }> {
  return created('/api/users', {
    email: `${randomUUID()}@example.com`,
    name: 'Test user',
    password: 'long enough',
  });
}

/** A new product with that stock. */
export function newProduct(stock: number, price = 9.99): Promise<ProductAnswer> {
  return created('/api/products', { name: `Test product ${randomUUID()}`, price, stock });
}

/** Places an order; the answer may be a refusal. */
export function placeOrder(
  order: { user_id: number; product_id: number; quantity: number },
  key: string = randomUUID(),
): Promise<Answer<OrderOrProblem>> {
  return request('POST', '/api/orders', order, { 'idempotency-key': key });
}

/** The first answer that accepts the order. */
export function accepted<Placed extends { readonly status: number }>(
  place: () => Promise<Placed>,
  deadlineMs = 15_000,
): Promise<Placed> {
  return eventuallyDespiteErrors(
    'orders are accepted',
    async () => {
      const answer = await place();
      return answer.status === 201 ? answer : undefined;
    },
    deadlineMs,
  );
}

/**
 * Places many orders at once, without keys, as cheaply as can be: what is to be loaded is the shop, not this process.
 */
export async function placeAtOnce(
  count: number,
  order: { user_id: number; product_id: number; quantity: number },
): Promise<readonly { status: number; body: OrderOrProblem; traceId: string }[]> {
  // loaded only here: few files do that
  const { Pool } = await import('undici');
  const pool = new Pool(mesh.gateway, { connections: count, headersTimeout: 10_000 });
  const body = JSON.stringify(order);
  try {
    return await Promise.all(
      Array.from({ length: count }, async () => {
        const answer = await pool.request({
          method: 'POST',
          path: '/api/orders',
          headers: { 'content-type': 'application/json' },
          body,
        });
        const parsed: OrderOrProblem = JSON.parse(await answer.body.text());
        return {
          status: answer.statusCode,
          body: parsed,
          traceId: String(answer.headers['x-trace-id'] ?? ''),
        };
      }),
    );
  } finally {
    await pool.close();
  }
}

/** The order once it has ended. */
export function endOf(orderId: number, deadlineMs = 15_000): Promise<OrderAnswer> {
  return eventuallyDespiteErrors(
    `order ${orderId} ends`,
    async () => {
      const { status, body } = await request<OrderAnswer>('GET', `/api/orders/${orderId}`);
      // a refusal says nothing about the order
      return status === 200 && body.status !== 'PENDING' ? body : undefined;
    },
    deadlineMs,
  );
}

/** Stock of a product as the API shows it. */
export async function stockOf(productId: number): Promise<number> {
  const { body } = await request<ProductAnswer>('GET', `/api/products/${productId}`);
  return body.stock;
}
