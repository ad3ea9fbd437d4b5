/** The shop as a client sees it: through the gateway. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { originHeader } from '@microshop/topology';
import { saysLate } from './late.ts';
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

/** Pause before a request that was late is sent again, milliseconds: what `retry-after` of such an answer says. */
const lateAgainMs = 1000;

/** Time in which even a busy machine answers a request in time, milliseconds. */
const patienceMs = 60_000;

/** Whether a busy machine alone can be the reason of the answer ({@link saysLate}). */
export const isLate = ({ body }: Answer<unknown>): boolean => saysLate(body);

/**
 * The first answer that is not late ({@link isLate}), whatever else it is; the last one when the time is over. What is late may have
 * been done: an order that is asked for again needs its key.
 */
export async function inTime<Body>(ask: () => Promise<Answer<Body>>): Promise<Answer<Body>> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (!isLate(answer) || performance.now() > end) return answer;
    await delay(lateAgainMs);
  }
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

/** What is made by a request with such a body, each time another one, and such headers. */
async function created<Body>(
  path: string,
  body: () => object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Body> {
  const answer = await inTime(() => request<Body>('POST', path, body(), headers));
  if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** A new user. */
export function newUser(password = 'long enough'): Promise<{ id: number; email: string }> {
  return created('/api/users', () => ({
    email: `${randomUUID()}@example.com`,
    name: 'Test user',
    password,
  }));
}

/** A new product with that stock; where clients are authenticated, with the headers of an admin. */
export function newProduct(
  stock: number,
  price = 9.99,
  headers: Readonly<Record<string, string>> = {},
): Promise<ProductAnswer> {
  return created('/api/products', () => ({ name: `Test product ${randomUUID()}`, price, stock }), headers);
}

/** Places an order; the answer may be a refusal. */
export function placeOrder(
  order: { user_id: number; product_id: number; quantity: number },
  key: string = randomUUID(),
): Promise<Answer<OrderOrProblem>> {
  return request('POST', '/api/orders', order, { 'idempotency-key': key });
}

/**
 * An order that nothing keeps from being accepted: the 201, of a repeat with the same key where an answer was late. Throws when
 * the shop refuses it.
 */
export async function orderPlaced(
  order: { user_id: number; product_id: number; quantity: number },
  key: string = randomUUID(),
): Promise<Answer<OrderAnswer>> {
  const answer = await inTime(() => placeOrder(order, key));
  if (answer.status !== 201)
    throw new Error(`POST /api/orders: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}

/** The first answer that accepts the order, whatever refuses those before it. */
export function accepted<Placed extends { readonly status: number }>(
  place: () => Promise<Placed>,
  deadlineMs = patienceMs,
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
export function endOf(orderId: number, deadlineMs = patienceMs): Promise<OrderAnswer> {
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
  return (await read<ProductAnswer>(`/api/products/${productId}`)).stock;
}

/** Status of an order now. */
export async function statusOf(orderId: number): Promise<OrderAnswer['status']> {
  return (await read<OrderAnswer>(`/api/orders/${orderId}`)).status;
}

/** What is shown at a path. Throws when the shop refuses to show it. */
async function read<Body>(path: string): Promise<Body> {
  const { status, body } = await inTime(() => request<Body>('GET', path));
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
  return body;
}
