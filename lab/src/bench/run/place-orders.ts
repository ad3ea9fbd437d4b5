/** Places orders for a time: by so many clients, or at a rate that does not wait for answers. */
import { CommandFailed } from '@microshop/cli/output/errors';
import { originHeader, traceIdHeader } from '@microshop/topology';
import { Pool } from 'undici';
import { type Arrivals, arrive, connectionsOf } from './arrivals.ts';
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
  goods: Pick<Goods, 'userId' | 'productIds' | 'headers'>,
  arrivals: Arrivals,
  seconds: number,
  signal: AbortSignal,
): Promise<Placed> {
  const pool = new Pool(url, { connections: connectionsOf(arrivals), pipelining: 1 });
  const headers = { 'content-type': 'application/json', [originHeader]: 'load', ...goods.headers };
  const bodies = goods.productIds.map((id) =>
    JSON.stringify({ user_id: goods.userId, product_id: id, quantity: 1 }),
  );
  const latenciesMs: number[] = [];
  const traceIds: string[] = [];
  let refused = 0;
  let next = 0;

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
  try {
    const taken = await arrive(arrivals, seconds, signal, place);
    return { latenciesMs, refused, traceIds, seconds: taken };
  } finally {
    await pool.close();
  }
}
