/** Places orders through the gateway as fast as so many clients can, and waits for the last of them to end. */
import { setTimeout as delay } from 'node:timers/promises';
import { CommandFailed } from '@microshop/cli/output/errors';
import { originHeader, traceIdHeader } from '@microshop/topology';
import { Pool } from 'undici';

/** What a run came to. */
export interface Run {
  /** Orders that were accepted, and that were not (5xx: a machine with more to do than it can). */
  readonly accepted: number;
  readonly refused: number;
  /** Traces of the accepted orders, in the order of the answers. */
  readonly traceIds: readonly string[];
  /** From the first request to the end of the last order, seconds. */
  readonly endingSeconds: number;
}

/** Time all orders may take to end after the last was placed, milliseconds. */
const endLimitMs = 120_000;

/** An order nobody else is likely to place: demo user 1, demo products 1 to 3 in turn. */
const orderBody = (index: number) => JSON.stringify({ user_id: 1, product_id: 1 + (index % 3), quantity: 1 });

/** Places `count` orders with `clients` at a time. Throws `CommandFailed` for an answer that is neither 201 nor 5xx. */
export async function placeOrders(gateway: string, count: number, clients: number): Promise<Run> {
  const pool = new Pool(gateway, { connections: clients, pipelining: 1 });
  const headers = { 'content-type': 'application/json', [originHeader]: 'load' };
  const begin = performance.now();
  let next = 0;
  const traceIds: string[] = [];
  const client = async () => {
    while (next < count) {
      const body = orderBody(next++);
      const answer = await pool.request({ method: 'POST', path: '/api/orders', headers, body });
      const text = await answer.body.text();
      if (answer.statusCode === 201) traceIds.push(String(answer.headers[traceIdHeader]));
      else if (answer.statusCode < 500)
        throw new CommandFailed(`An order was answered ${answer.statusCode}: ${text}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, client));
    const placed = performance.now();
    while ((await pending(pool)) > 0) {
      if (performance.now() - placed > endLimitMs) throw new CommandFailed('Orders do not end');
      await delay(20);
    }
    const ended = performance.now();
    return {
      accepted: traceIds.length,
      refused: count - traceIds.length,
      traceIds,
      endingSeconds: (ended - begin) / 1000,
    };
  } finally {
    await pool.close();
  }
}

async function pending(pool: Pool): Promise<number> {
  const answer = await pool.request({ method: 'GET', path: '/api/orders?status=PENDING&limit=1' });
  const orders: unknown = await answer.body.json();
  if (!Array.isArray(orders)) throw new CommandFailed(`The list of orders was answered ${answer.statusCode}`);
  return orders.length;
}
