/** The shop's API as the scenarios use it. */
import http, {
  type ArrayRefinedBatchRequest,
  type RefinedParams,
  type RefinedResponse,
  type ResponseType,
} from 'k6/http';
import { type FailureCode, failureCode, originHeader, origins, traceIdHeader } from './contract.ts';
import { requestNames } from './metrics.ts';
import { requestTimeoutSeconds } from './plan.ts';

/** An answer. */
export type Answer = RefinedResponse<ResponseType | undefined>;

/** An order to be sent. */
export interface NewOrder {
  readonly user_id: number;
  readonly product_id: number;
  readonly quantity: number;
}

const timeout = `${requestTimeoutSeconds}s`;

/** Statuses that are no failure. */
export interface Expectation {
  /** Whether a 400 may be a refusal; its `code` is looked at apart. */
  readonly sellsOut: boolean;
}

/** Thrown when what a run needs was not made. */
export class NotMade extends Error {
  readonly code: FailureCode;
  constructor(path: string, status: number, code: FailureCode) {
    super(`POST ${path} was answered ${status === 0 ? 'nothing' : status} (${code})`);
    this.code = code;
  }
}

/** A client of the shop behind `gateway`. */
export interface Shop {
  /** Creates a user and returns its id. Throws when it is not created. */
  createUser(): number;
  /** Creates a product and returns its id. Throws when it is not created. */
  createProduct(name: string, stock: number, description?: string): number;
  placeOrder(order: NewOrder, key: string, expectation: Expectation): Answer;
  /** The same request twice, at the same time. */
  placeOrderTwice(order: NewOrder, key: string, expectation: Expectation): readonly Answer[];
  readOrder(id: number): Answer;
  /** Any other read; `path` may hold a query. */
  read(path: string): Answer;
}

/**
 * Makes a client, which shows that token where there is one. It sends no trace context: the gateway starts each trace.
 */
export function createShop(gateway: string, token: string | undefined): Shop {
  const shown: Record<string, string> =
    token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
  const withUsual = (params: RefinedParams<ResponseType>): RefinedParams<ResponseType> => ({
    timeout,
    ...params,
    headers: { 'content-type': 'application/json', [originHeader]: origins.own, ...shown, ...params.headers },
  });
  const post = (path: string, body: object, params: RefinedParams<ResponseType>): Answer =>
    http.post(`${gateway}${path}`, JSON.stringify(body), withUsual(params));
  const placing = (key: string, { sellsOut }: Expectation): RefinedParams<ResponseType> => ({
    headers: { 'idempotency-key': key, [originHeader]: origins.order },
    tags: { name: requestNames.place },
    responseCallback: sellsOut ? http.expectedStatuses(201, 400) : http.expectedStatuses(201),
  });
  const get = (path: string, name: string): Answer =>
    http.get(`${gateway}${path}`, {
      timeout,
      tags: { name },
      headers: { [originHeader]: origins.own, ...shown },
    });

  const create = (path: string, body: object): number => {
    const answer = post(path, body, { tags: { name: `create ${path}` } });
    const id = answer.status === 201 ? idOf(answer) : null;
    if (id !== null) return id;
    const code = answer.status === 0 ? 'no_answer' : failureCode(memberOf(answer, 'code'));
    throw new NotMade(path, answer.status, code);
  };

  return {
    createUser: () =>
      create('/api/users', {
        email: `load-${crypto.randomUUID()}@example.com`,
        name: 'Load test',
        password: crypto.randomUUID(),
      }),
    createProduct: (name, stock, description = '') =>
      create('/api/products', { name, description, price: 9.99, stock }),
    placeOrder: (order, key, expectation) => post('/api/orders', order, placing(key, expectation)),
    placeOrderTwice(order, key, expectation) {
      const one: ArrayRefinedBatchRequest<ResponseType> = [
        'POST',
        `${gateway}/api/orders`,
        JSON.stringify(order),
        withUsual(placing(key, expectation)),
      ];
      return http.batch([one, one]);
    },
    readOrder: (id) => get(`/api/orders/${id}`, requestNames.read),
    read: (path) => get(path, requestNames.check),
  };
}

/** The trace an answer names; empty when it names none. */
export function traceIdOf(answer: Answer): string {
  return headerOf(answer, traceIdHeader) ?? '';
}

/** A header of an answer, by its name in lower case; k6 writes names in Go's form, `X-Trace-Id`. */
export function headerOf(answer: Answer, header: string): string | undefined {
  const name = Object.keys(answer.headers).find((key) => key.toLowerCase() === header);
  return name === undefined ? undefined : answer.headers[name];
}

/** The JSON value of an answer's body; `undefined` when it holds none. */
export function bodyOf(answer: Answer): unknown {
  const text = textOf(answer);
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A member of an answer's JSON object. */
export function memberOf(answer: Answer, name: string): unknown {
  const body = bodyOf(answer);
  return isObject(body) ? body[name] : undefined;
}

/** The `id` of what an answer holds, or null. */
export function idOf(answer: Answer): number | null {
  const id = memberOf(answer, 'id');
  return typeof id === 'number' ? id : null;
}

/** True for a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(answer: Answer): string {
  return typeof answer.body === 'string' ? answer.body : '';
}
