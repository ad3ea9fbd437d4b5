/** Connections whose session is not fit for more work are not kept in the pool. */

import type { Pool, PoolClient } from 'pg';
import { databaseErrorKind } from './errors/index.ts';

/**
 * Ends each connection on which an error said that the database is unavailable, when it is given back. What was wrong
 * may be a property of its session: one that was opened while the database was read-only stays read-only for its whole
 * life, even after the database is writable again, and with steady traffic it is never idle long enough to be closed.
 */
export function endUnfitConnections(pool: Pool): void {
  const unfit = new WeakSet<PoolClient>();
  pool.on('connect', (client) => {
    const query: unknown = client.query;
    if (typeof query !== 'function') return;
    // every query goes through this method: those of plain SQL, and those of the ORM
    Object.defineProperty(client, 'query', {
      value: (...args: readonly unknown[]): unknown => {
        const result: unknown = Reflect.apply(query, client, args);
        if (result instanceof Promise) {
          result.catch((error: unknown) => {
            if (databaseErrorKind(error) === 'unavailable') unfit.add(client);
          });
        }
        return result;
      },
      configurable: true,
      writable: true,
    });
  });
  // called just before the pool decides whether to keep it; it keeps no connection that is ending
  pool.on('release', (_error, client) => {
    if (unfit.has(client)) void client.end().catch(() => undefined);
  });
}
