/** Places orders for a time: by so many clients, or at a rate that does not wait for answers. */
import { setTimeout as delay } from 'node:timers/promises';
import { CommandFailed } from '@microshop/cli/output/errors';
import { originHeader, traceIdHeader } from '@microshop/topology';
import { Pool } from 'undici';
import type { Goods } from './shop.ts';

/** What the clients saw. */
export interface Placed {
  /** Time to the answer of each accepted order, milliseconds, in the order of the answers. */
  readonly latenciesMs: readonly number[];
  /** Orders that were answered 429 or 5xx: a machine with more to do than it can. */
  readonly refused: number;
  /** Traces of the accepted orders; empty where nothing traces. */
  readonly traceIds: readonly string[];
  /** From the first request to the last answer, seconds. */
  readonly seconds: number;
}

/**
 * When orders are placed. Closed: each client places its next one when the last was answered. Open: one after the other at
 * that rate, whatever the answers do; the time to an answer counts from the moment at which its order was due.
 */
export type Arrivals =
  | { readonly kind: 'closed'; readonly clients: number }
  | { readonly kind: 'open'; readonly perSecond: number };

/** Connections of an open load; orders that find none free wait, and their time counts. */
const openConnections = 256;

/** Places them. Throws `CommandFailed` for an answer that is neither 201 nor one of a machine with too much to do. */
export async function placeOrders(
  url: string,
  goods: Pick<Goods, 'userId' | 'productIds'>,
  arrivals: Arrivals,
  seconds: number,
  signal: AbortSignal,
): Promise<Placed> {
  const connections = arrivals.kind === 'closed' ? arrivals.clients : openConnections;
  const pool = new Pool(url, { connections, pipelining: 1 });
  const headers = { 'content-type': 'application/json', [originHeader]: 'load' };
  const bodies = goods.productIds.map((id) =>
    JSON.stringify({ user_id: goods.userId, product_id: id, quantity: 1 }),
  );
  const latenciesMs: number[] = [];
  const traceIds: string[] = [];
  let refused = 0;
  let next = 0;
  const began = performance.now();
  const end = began + seconds * 1000;

  const place = async (due: number) => {
    const body = bodies[next++ % bodies.length] ?? '';
    const answer = await pool.request({ method: 'POST', path: '/api/orders', headers, body });
    const text = await answer.body.text();
    if (answer.statusCode === 201) {
      latenciesMs.push(performance.now() - due);
      const traceId = answer.headers[traceIdHeader];
      if (typeof traceId === 'string') traceIds.push(traceId);
    } else if (answer.statusCode >= 500 || answer.statusCode === 429) refused += 1;
    else throw new CommandFailed(`An order was answered ${answer.statusCode}: ${text}`);
  };
  const client = async () => {
    for (let now = began; now < end; now = performance.now()) {
      signal.throwIfAborted();
      await place(now);
    }
  };
  const open = async (perSecond: number) => {
    const placing: Promise<void>[] = [];
    const failures: unknown[] = [];
    const count = Math.floor(seconds * perSecond);
    for (let index = 0; index < count && failures.length === 0; index += 1) {
      const due = began + (index * 1000) / perSecond;
      const pause = due - performance.now();
      if (pause > 0) await delay(pause, undefined, { signal });
      placing.push(place(due).catch((error: unknown) => void failures.push(error)));
    }
    await Promise.all(placing);
    if (failures.length > 0) throw failures[0];
  };
  try {
    if (arrivals.kind === 'open') await open(arrivals.perSecond);
    else await Promise.all(Array.from({ length: arrivals.clients }, client));
    return { latenciesMs, refused, traceIds, seconds: (performance.now() - began) / 1000 };
  } finally {
    await pool.close();
  }
}
