/** The shop as a client sees it that keeps its connections: at the address of its Service, which this machine reaches. */
import { messageOf } from '@microshop/program-kit/errors';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { Pool } from 'undici';
import { type BuyerOptions, buyBy, type OrderReply, type Purchase } from '../harness/buying.ts';
import type { Release } from './release.ts';

/** Connections that clients hold together. */
const connections = 32;

/** Time an answer may take, milliseconds: more than the gateway takes. */
const answerLimitMs = 10_000;

/** Stock of which no load here takes all. */
const plenty = 1_000_000;

const madeSchema = Type.Object({ id: Type.Integer() });

/** An answer to an order, with its body. */
export interface Reply extends OrderReply {
  readonly text: string;
}

/** What became of one key. */
export type Bought = Purchase<Reply>;

/** The shop, and a product of which there is plenty. */
export interface Shop {
  /** Buys one with one key. Never rejects. */
  buy(options: BuyerOptions): Promise<Bought>;
  /** What was answered to orders so far that was no acceptance: a line each, with the time since the shop was opened. */
  readonly refusals: readonly string[];
  close(): Promise<void>;
}

const problemSchema = Type.Object({ detail: Type.String() });

/** The sentence of a problem; another body as it is. */
function detailOf(text: string): string {
  try {
    return Value.Parse(problemSchema, JSON.parse(text)).detail;
  } catch {
    return text;
  }
}

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

  const product = await post('/api/products', { name: 'Sold under load', price: 1, stock: plenty }, {});
  if (product.status !== 201) throw new Error(`POST /api/products: ${product.status} ${product.text}`);
  const opened = performance.now();
  const refusals: string[] = [];
  async function place(key: string): Promise<Reply> {
    const began = performance.now();
    const said = (what: string) => {
      const at = ((began - opened) / 1000).toFixed(1);
      refusals.push(`${at} s: ${what} after ${((performance.now() - began) / 1000).toFixed(1)} s`);
    };
    try {
      const reply = await post('/api/orders', order, { 'idempotency-key': key });
      if (reply.status !== 201) said(`${reply.status} ${detailOf(reply.text)}`);
      return reply;
    } catch (error) {
      said(messageOf(error));
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
