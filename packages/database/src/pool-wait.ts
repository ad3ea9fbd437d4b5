/** How long queries wait for a connection of a pool. `pg` counts who waits, but not since when. */
import type { Pool, PoolClient } from 'pg';
import { recordWait } from './pool-metrics.ts';

type ConnectCallback = Parameters<Pool['connect']>[0];

/**
 * Watches every request for a connection of the pool, whichever way it is made, and records how long it took under
 * that name. Returns how long the oldest waiting request has waited so far, milliseconds; 0 when none waits, or the next one
 * would not: a request for which `pg` opens a connection waits for that very one, also while others are free.
 */
export function watchPoolWait(pool: Pool, name: string): () => number {
  // in the order in which they came: the first is the one that waits longest
  const waiting = new Set<{ readonly since: number }>();
  // of the two forms of `connect` this is the one with the callback
  const connect = pool.connect.bind(pool);

  function withCallback(callback: ConnectCallback): void {
    const one = { since: performance.now() };
    waiting.add(one);
    connect((error, client, done) => {
      waiting.delete(one);
      recordWait(name, one.since);
      callback(error, client, done);
    });
  }

  function watched(): Promise<PoolClient>;
  function watched(callback: ConnectCallback): void;
  function watched(callback?: ConnectCallback): Promise<PoolClient> | undefined {
    if (callback !== undefined) {
      withCallback(callback);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      withCallback((error, client) => {
        if (client === undefined) reject(error ?? new Error('The pool gave no connection'));
        else resolve(client);
      });
    });
  }

  pool.connect = watched;
  return () => {
    const [first] = waiting;
    return first === undefined || pool.idleCount > 0 ? 0 : performance.now() - first.since;
  };
}
