/** Plain SQL on the pool MikroORM uses: for the hot path, where one statement does what a flush does in several. */
import type { Pool, PoolClient } from 'pg';
import { failedByName, statementName } from './prepared.ts';

/**
 * Runs one statement, `$1` placeholders. Timestamps come as PostgreSQL's text, `bigint` as string. A text with values is
 * prepared under a name, so it must not be composed: what differs from call to call is a value.
 */
export interface Sql {
  query<Row>(text: string, params?: readonly unknown[]): Promise<Row[]>;
}

/** {@link Sql} that can put several statements in one transaction. */
export interface TransactionalSql extends Sql {
  /**
   * Commits when `work` resolves, rolls back when it throws. With a limit a statement that waits longer than that for a
   * lock fails with 55P03 (lock not available), milliseconds. When a table was changed meanwhile `work` is called once
   * more, after the rollback.
   */
  transaction<T>(work: (tx: Sql) => Promise<T>, lockTimeoutMs?: number): Promise<T>;
}

/** Plain SQL on that pool. */
export function sqlOn(pool: Pool): TransactionalSql {
  return {
    query: (text, params) =>
      withClient(pool, (client, discard) =>
        withNames(discard, (named) => run({ client, named }, text, params)),
      ),
    transaction: (work, lockTimeoutMs) =>
      withClient(pool, (client, discard) =>
        withNames(discard, (named) => inTransaction({ client, named }, discard, work, lockTimeoutMs)),
      ),
  };
}

/** A connection, and whether its statements are prepared under names. */
interface Session {
  readonly client: PoolClient;
  readonly named: boolean;
}

/** Does not give the connection back to the pool. */
type Discard = (reason: Error) => void;

/**
 * Work that failed by the name of a statement is done once more without names. A failed statement ends its transaction, so
 * that goes as a whole. The connection is not kept: its other names are no better, and a new one begins without.
 */
async function withNames<T>(discard: Discard, work: (named: boolean) => Promise<T>): Promise<T> {
  try {
    return await work(true);
  } catch (error) {
    if (!(error instanceof Error && failedByName(error))) throw error;
    discard(error);
    return await work(false);
  }
}

/**
 * `pool.query` sends its statement in the context that gave the connection back: with every connection in use
 * its span would be part of another trace. What follows an `await` keeps its own context.
 */
async function withClient<T>(
  pool: Pool,
  work: (client: PoolClient, discard: Discard) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const discard: Discard = (reason) => {
    broken = reason;
  };
  // the pool listens only while it holds the client, and an unhandled error ends the process
  client.on('error', discard);
  try {
    return await work(client, discard);
  } finally {
    client.off('error', discard);
    client.release(broken);
  }
}

async function run<Row>(
  { client, named }: Session,
  text: string,
  params: readonly unknown[] = [],
): Promise<Row[]> {
  // a statement without parameters is rare, or has its values inline
  const name = named && params.length > 0 ? statementName(text) : undefined;
  const result = await client.query<Row & Record<string, unknown>>({
    text,
    values: [...params],
    ...(name === undefined ? {} : { name }),
  });
  return result.rows;
}

async function inTransaction<T>(
  session: Session,
  discard: Discard,
  work: (tx: Sql) => Promise<T>,
  lockTimeoutMs?: number,
): Promise<T> {
  const { client } = session;
  // both in a single round trip
  await client.query(
    lockTimeoutMs === undefined ? 'begin' : `begin; set local lock_timeout = ${Math.round(lockTimeoutMs)}`,
  );
  try {
    const result = await work({ query: (text, params) => run(session, text, params) });
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((reason: unknown) => {
      // A connection that cannot roll back must not go back to the pool: its transaction may be open.
      discard(reason instanceof Error ? reason : new Error(String(reason)));
    });
    throw error;
  }
}

/** RFC 3339 in UTC of a timestamp as PostgreSQL prints it. */
export function rfc3339(timestamp: string | Date): string {
  return new Date(timestamp).toISOString();
}
