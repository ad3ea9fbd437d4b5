/** The shop as a client sees it that keeps its connections: at the address of its Service, which this machine reaches. */
import { connectionTimeoutMs } from '@microshop/database';
import { messageOf } from '@microshop/program-kit/errors';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { Pool } from 'undici';
import { type BuyerOptions, buyBy, type OrderReply, type Purchase } from '../harness/buying.ts';
import { saysLate } from '../harness/late.ts';
import type { Release } from './release.ts';

/** Connections that clients hold together. */
const connections = 32;

/** Time an answer may take, milliseconds: more than the gateway takes. */
const answerLimitMs = 10_000;

/** Time in which it is opened, milliseconds. */
const patienceMs = 60_000;

/** Stock of which no load here takes all. */
const plenty = 1_000_000;

const madeSchema = Type.Object({ id: Type.Integer() });

/** An answer to an order, with its body. */
export interface Reply extends OrderReply {
  readonly text: string;
}

/** What became of one key. */
export type Bought = Purchase<Reply>;

/** What was answered to an order that was no acceptance. */
export interface Refusal {
  /** A line for people: the time since the shop was opened, the answer, how long it took. */
  readonly text: string;
  /** A busy machine alone can be the reason: the answer says so, or none came in time. */
  readonly late: boolean;
}

/** The shop, and a product of which there is plenty. */
export interface Shop {
  /** Buys one with one key. Never rejects. */
  buy(options: BuyerOptions): Promise<Bought>;
  /** Every refusal so far. */
  readonly refusals: readonly Refusal[];
  close(): Promise<void>;
}

const problemSchema = Type.Object({
  code: Type.String(),
  detail: Type.String(),
  dependency: Type.Optional(Type.String()),
});

/** What a problem says, and about which peer, another body as it is; and whether a busy machine alone can be its reason. */
function refusalOf(text: string, tookMs: number): { readonly what: string; readonly late: boolean } {
  try {
    const body: unknown = JSON.parse(text);
    const { code, detail, dependency } = Value.Parse(problemSchema, body);
    const about = dependency === undefined ? '' : ` of ${dependency}`;
    // what is updated is no database: one that breaks a connection off says so at once
    const waited = dependency === 'database' && tookMs >= connectionTimeoutMs;
    return { what: `${code}${about}: ${detail}`, late: waited || saysLate(body) };
  } catch {
    return { what: text, late: false };
  }
}

/** What undici calls an answer, or a connection, that does not come in its time. */
const timedOut: readonly unknown[] = [
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** Opens it. */
export async function openShop(release: Release): Promise<Shop> {
  const address = await release.kubectl('get', 'service', 'shop', '--output', 'jsonpath={.spec.clusterIP}');
  const pool = new Pool(`http://${address}`, {
    connections,
    headersTimeout: answerLimitMs,
    bodyTimeout: answerLimitMs,
  });

  async function post(path: string, body: object, headers: Readonly<Record<string, string>>): Promise<Reply> {
    const answer = await pool.request({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await answer.body.text();
    const made: unknown = answer.statusCode === 201 ? JSON.parse(text) : { id: 0 };
    return {
      status: answer.statusCode,
      body: Value.Parse(madeSchema, made),
      traceId: String(answer.headers['x-trace-id'] ?? ''),
      text,
    };
  }

  // on a busy machine it may be late; one that is there twice is in nobody's way
  const product = await eventuallyDespiteErrors(
    'a product to sell',
    async () => {
      const made = await post('/api/products', { name: 'Sold under load', price: 1, stock: plenty }, {});
      if (made.status !== 201) throw new Error(`POST /api/products: ${made.status} ${made.text}`);
      return made;
    },
    patienceMs,
    1000,
  );
  const opened = performance.now();
  const refusals: Refusal[] = [];
  async function place(key: string): Promise<Reply> {
    const began = performance.now();
    const refused = (what: string, late: boolean) => {
      const at = ((began - opened) / 1000).toFixed(1);
      const text = `${at} s: ${what} after ${((performance.now() - began) / 1000).toFixed(1)} s`;
      refusals.push({ text, late });
    };
    try {
      const reply = await post('/api/orders', order, { 'idempotency-key': key });
      if (reply.status !== 201) {
        const { what, late } = refusalOf(reply.text, performance.now() - began);
        refused(`${reply.status} ${what}`, late);
      }
      return reply;
    } catch (error) {
      const { code }: { readonly code?: unknown } = Object(error);
      refused(messageOf(error), timedOut.includes(code));
      throw error;
    }
  }

  const order = { user_id: 1, product_id: product.body.id, quantity: 1 };
  return {
    buy: (options) => buyBy(place, options),
    refusals,
    close: () => pool.close(),
  };
}
