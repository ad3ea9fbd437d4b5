/** Places orders with so many clients for a time; each places its next one when the last was answered. */
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

/** Places them. Throws `CommandFailed` for an answer that is neither 201 nor one of a machine with too much to do. */
export async function placeOrders(
  url: string,
  goods: Pick<Goods, 'userId' | 'productIds'>,
  clients: number,
  seconds: number,
  signal: AbortSignal,
): Promise<Placed> {
  const pool = new Pool(url, { connections: clients, pipelining: 1 });
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

  const client = async () => {
    for (;;) {
      const sent = performance.now();
      if (sent >= end) return;
      signal.throwIfAborted();
      const body = bodies[next++ % bodies.length] ?? '';
      const answer = await pool.request({ method: 'POST', path: '/api/orders', headers, body });
      const text = await answer.body.text();
      if (answer.statusCode === 201) {
        latenciesMs.push(performance.now() - sent);
        const traceId = answer.headers[traceIdHeader];
        if (typeof traceId === 'string') traceIds.push(traceId);
      } else if (answer.statusCode >= 500 || answer.statusCode === 429) refused += 1;
      else throw new CommandFailed(`An order was answered ${answer.statusCode}: ${text}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, client));
    return { latenciesMs, refused, traceIds, seconds: (performance.now() - began) / 1000 };
  } finally {
    await pool.close();
  }
}

/** The value below which that share of the values lies (nearest rank). Throws without any value. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('There is no quantile of nothing');
  return value;
}
