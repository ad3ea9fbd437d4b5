/** Plain SQL on the pool MikroORM uses: for the hot path, where one statement does what a flush does in several. */
import type { Pool, PoolClient } from 'pg';

/** Runs one statement, `$1` placeholders. Timestamps come as PostgreSQL's text, `bigint` as string. */
export interface Sql {
  query<Row>(text: string, params?: readonly unknown[]): Promise<Row[]>;
}

/** {@link Sql} that can put several statements in one transaction. */
export interface TransactionalSql extends Sql {
  /**
   * Commits when `work` resolves, rolls back when it throws. With a limit a statement that waits longer than that for a
   * lock fails with 55P03 (lock not available), milliseconds.
   */
  transaction<T>(work: (tx: Sql) => Promise<T>, lockTimeoutMs?: number): Promise<T>;
}

/** Plain SQL on that pool. */
export function sqlOn(pool: Pool): TransactionalSql {
  return {
    query: (text, params) => withClient(pool, (client) => run(client, text, params)),
    transaction: (work, lockTimeoutMs) => inTransaction(pool, work, lockTimeoutMs),
  };
}

/**
 * `pool.query` sends its statement in the context of whoever gave the connection back: with every connection in use
 * its span would be part of somebody else's trace. What follows an `await` keeps its own context.
 */
async function withClient<T>(
  pool: Pool,
  work: (client: PoolClient, discard: (reason: Error) => void) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const discard = (reason: Error) => {
    broken = reason;
  };
  // the pool listens only while it holds the client, and an error nobody listens to ends the process
  client.on('error', discard);
  try {
    return await work(client, discard);
  } finally {
    client.off('error', discard);
    client.release(broken);
  }
}

async function run<Row>(client: PoolClient, text: string, params: readonly unknown[] = []): Promise<Row[]> {
  const result = await client.query<Row & Record<string, unknown>>(text, [...params]);
  return result.rows;
}

async function inTransaction<T>(
  pool: Pool,
  work: (tx: Sql) => Promise<T>,
  lockTimeoutMs?: number,
): Promise<T> {
  return await withClient(pool, async (client, discard) => {
    // both in one round trip
    await client.query(
      lockTimeoutMs === undefined ? 'begin' : `begin; set local lock_timeout = ${Math.round(lockTimeoutMs)}`,
    );
    try {
      const result = await work({ query: (text, params) => run(client, text, params) });
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((reason: unknown) => {
        // A connection that cannot roll back must not go back to the pool: its transaction may be open.
        discard(reason instanceof Error ? reason : new Error(String(reason)));
      });
      throw error;
    }
  });
}

/** RFC 3339 in UTC of a timestamp as PostgreSQL prints it. */
export function rfc3339(timestamp: string | Date): string {
  return new Date(timestamp).toISOString();
}
