/** A service's own database: MikroORM for the model, plain SQL next to it, up to date before it is used. */
import type { Options } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { FastifyBaseLogger } from 'fastify';
import pg, { type Pool } from 'pg';
import { migrate, type NamedMigration } from './migrate.ts';
import { connectionTimeoutMs, createOrm } from './orm.ts';
import { observePool } from './pool-metrics.ts';
import { watchPoolWait } from './pool-wait.ts';
import { sqlOn, type TransactionalSql } from './sql.ts';
import { endUnfitConnections } from './unfit-connections.ts';

/** What {@link openDatabase} needs. */
export interface DatabaseOptions {
  /** `postgres://role:password@host:port/database`. */
  readonly url: string;
  /** Connections at most. */
  readonly poolSize: number;
  readonly entities: NonNullable<Options['entities']>;
  readonly migrations: readonly NamedMigration[];
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly logger: FastifyBaseLogger;
  /** Ends the wait for a database that is unavailable. */
  readonly signal: AbortSignal;
}

/** An open database. */
export interface Database {
  readonly sql: TransactionalSql;
  /** A fresh unit of work. */
  em(): EntityManager;
  /** Resolves when the database answers; rejects otherwise. Never waits in the queue: it has its own connection. */
  ping(): Promise<void>;
  /** Time the longest waiting query has waited for a connection, milliseconds; 0 when none waits, or one is free. */
  poolWaitMs(): number;
  close(): Promise<void>;
}

/** Time one statement may take, milliseconds: below the deadline of the request it serves. */
const statementTimeoutMs = 3000;

/** Opens the database, waiting for it with back-off while it is unavailable, and brings its tables up to date. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  await migrate(options);
  const orm = createOrm(
    { ...options, statementTimeoutMs },
    { entities: options.entities, pool: { min: 0, max: options.poolSize } },
  );
  const pool = await orm.driver.getConnection().getNativeClient();
  endUnfitConnections(pool);
  const poolWaitMs = watchPoolWait(pool, options.applicationName);
  const endObserving = observePool(pool, options.applicationName);
  const sql = sqlOn(pool);
  const health = healthPool(options);

  return {
    sql,
    em: () => orm.em.fork(),
    ping: async () => {
      await health.query('select 1');
    },
    poolWaitMs,
    close: async () => {
      endObserving();
      await health.end();
      await orm.close(true);
    },
  };
}

/** A connection for health checks: with all others in use the database is busy, not unavailable. */
function healthPool({ url, applicationName }: DatabaseOptions): Pool {
  const health = new pg.Pool({
    connectionString: url,
    application_name: `${applicationName} health`,
    max: 1,
    connectionTimeoutMillis: connectionTimeoutMs,
    statement_timeout: statementTimeoutMs,
  });
  // The next check opens a new one; an error without a listener would end the process.
  health.on('error', () => undefined);
  return health;
}
