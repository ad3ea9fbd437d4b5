/** Plain SQL on the pool MikroORM uses: for the hot path, where one statement does what a flush does in several. */
import type { Pool, PoolClient } from 'pg';

/** Runs one statement, `$1` placeholders. Timestamps come as PostgreSQL's text, `bigint` as string. */
export interface Sql {
  query<Row>(text: string, params?: readonly unknown[]): Promise<Row[]>;
}

/** {@link Sql} that can put several statements in one transaction. */
export interface TransactionalSql extends Sql {
  /** Commits when `work` resolves, rolls back when it throws. */
  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T>;
}

/** Plain SQL on that pool. */
export function sqlOn(pool: Pool): TransactionalSql {
  return {
    query: (text, params) => run(pool, text, params),
    transaction: (work) => inTransaction(pool, work),
  };
}

async function run<Row>(
  target: Pick<PoolClient, 'query'>,
  text: string,
  params: readonly unknown[] = [],
): Promise<Row[]> {
  const result = await target.query<Row & Record<string, unknown>>(text, [...params]);
  return result.rows;
}

async function inTransaction<T>(pool: Pool, work: (tx: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    try {
      const result = await work({ query: (text, params) => run(client, text, params) });
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((reason: unknown) => {
        // A connection that cannot roll back must not go back to the pool: its transaction may be open.
        broken = reason instanceof Error ? reason : new Error(String(reason));
      });
      throw error;
    }
  } finally {
    client.release(broken);
  }
}

/** RFC 3339 in UTC of a timestamp as PostgreSQL prints it. */
export function rfc3339(timestamp: string | Date): string {
  return new Date(timestamp).toISOString();
}
