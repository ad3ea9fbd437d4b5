/** When requests are sent: each client's after its last answer, or at a rate that does not wait for answers. */
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Closed: each client sends its next request when the last was answered. Open: one after the other at that rate, whatever the
 * answers do; the time to an answer counts from the moment at which its request was due.
 */
export type Arrivals =
  | { readonly kind: 'closed'; readonly clients: number }
  | { readonly kind: 'open'; readonly perSecond: number };

/** Connections of an open load; requests that find none free wait, and their time counts. */
const openConnections = 256;

/** Connections that a load has. */
export function connectionsOf(arrivals: Arrivals): number {
  return arrivals.kind === 'closed' ? arrivals.clients : openConnections;
}

/**
 * Calls `send` for each request with the moment at which it is due (`performance.now()`). Returns the time from the first request to
 * the last answer, seconds. Throws the first failure of `send`, and the reason of the signal.
 */
export async function arrive(
  arrivals: Arrivals,
  seconds: number,
  signal: AbortSignal,
  send: (due: number) => Promise<void>,
): Promise<number> {
  const began = performance.now();
  const end = began + seconds * 1000;
  const client = async () => {
    for (let now = began; now < end; now = performance.now()) {
      signal.throwIfAborted();
      await send(now);
    }
  };
  const open = async (perSecond: number) => {
    const sending: Promise<void>[] = [];
    const failures: unknown[] = [];
    const count = Math.floor(seconds * perSecond);
    for (let index = 0; index < count && failures.length === 0; index += 1) {
      const due = began + (index * 1000) / perSecond;
      const pause = due - performance.now();
      if (pause > 0) await delay(pause, undefined, { signal });
      sending.push(send(due).catch((error: unknown) => void failures.push(error)));
    }
    await Promise.all(sending);
    if (failures.length > 0) throw failures[0];
  };
  if (arrivals.kind === 'open') await open(arrivals.perSecond);
  else await Promise.all(Array.from({ length: arrivals.clients }, client));
  return (performance.now() - began) / 1000;
}
