/** A service's own database: MikroORM for the model, plain SQL beside it, migrations under a lock at start. */
import { setTimeout as delay } from 'node:timers/promises';
import { MikroORM, type Options } from '@mikro-orm/core';
import { type Migration, Migrator } from '@mikro-orm/migrations';
import { type EntityManager, PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { FastifyBaseLogger } from 'fastify';
import pg, { type Pool } from 'pg';
import { watchPoolWait } from './pool-wait.ts';
import { sqlOn, type TransactionalSql } from './sql.ts';

/** A migration by its stable name. */
export interface NamedMigration {
  readonly name: string;
  readonly class: new (...args: ConstructorParameters<typeof Migration>) => Migration;
}

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
  /** Ends the wait for a database that is away. */
  readonly signal: AbortSignal;
}

/** An open database. */
export interface Database {
  readonly sql: TransactionalSql;
  /** A fresh unit of work. */
  em(): EntityManager;
  /** Resolves when the database answers; rejects otherwise. Waits for nobody: it has a connection of its own. */
  ping(): Promise<void>;
  /** Time the longest waiting query has waited for a connection, milliseconds; 0 when none waits. */
  poolWaitMs(): number;
  close(): Promise<void>;
}

/**
 * Key of the advisory lock that migrations run under (any constant will do; replicas of one service share it, and
 * databases do not share locks).
 */
const migrationLock = 7_321_001;

/** Longest pause between two attempts to reach the database, milliseconds. */
const maxPauseMs = 2000;

/**
 * Time a connection may take to open, and a caller may wait for one of the pool, milliseconds. Requests that come while
 * somebody has waited long are refused before (`servicePressure` of the topology).
 */
const connectionTimeoutMs = 3000;

/** Time one statement may take, milliseconds: below the deadline of the request it serves. */
const statementTimeoutMs = 3000;

/** Opens the database, waiting for it with back-off while it is away, and brings its tables up to date. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const orm = new MikroORM<PostgreSqlDriver, EntityManager>({
    driver: PostgreSqlDriver,
    clientUrl: options.url,
    entities: options.entities,
    extensions: [Migrator],
    pool: { min: 0, max: options.poolSize },
    driverOptions: {
      application_name: options.applicationName,
      connectionTimeoutMillis: connectionTimeoutMs,
      statement_timeout: statementTimeoutMs,
      keepAlive: true,
    },
    migrations: { migrationsList: [...options.migrations], snapshot: false, silent: true },
    logger: (message) => options.logger.debug({ orm: message }, 'orm'),
  });
  const pool = await orm.driver.getConnection().getNativeClient();
  const poolWaitMs = watchPoolWait(pool);
  const sql = sqlOn(pool, options.applicationName);
  const health = healthPool(options);

  await whenReachable(pool, options);
  await migrate(orm, pool, options.logger);

  return {
    sql,
    em: () => orm.em.fork(),
    ping: async () => {
      await health.query('select 1');
    },
    poolWaitMs,
    close: async () => {
      await health.end();
      await orm.close(true);
    },
  };
}

/** A connection for health checks: with all others in use the database is busy, not away. */
function healthPool({ url, applicationName }: DatabaseOptions): Pool {
  const health = new pg.Pool({
    connectionString: url,
    application_name: `${applicationName} health`,
    max: 1,
    connectionTimeoutMillis: connectionTimeoutMs,
    statement_timeout: statementTimeoutMs,
  });
  // The next check opens a new one; an error nobody listens to would end the process.
  health.on('error', () => undefined);
  return health;
}

async function whenReachable(pool: Pool, { logger, signal }: DatabaseOptions): Promise<void> {
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    try {
      await pool.query('select 1');
      return;
    } catch (error) {
      logger.warn({ err: error, retry_in_ms: pauseMs }, 'waiting for the database');
      await delay(pauseMs, undefined, { signal });
    }
  }
}

/** Several replicas start at once: the lock lets one migrate and the others find it done. */
async function migrate(
  orm: MikroORM<PostgreSqlDriver, EntityManager>,
  pool: Pool,
  logger: FastifyBaseLogger,
) {
  const holder = await pool.connect();
  try {
    await holder.query('set statement_timeout = 0');
    await holder.query('select pg_advisory_lock($1)', [migrationLock]);
    const done = await orm.migrator.up();
    if (done.length > 0) logger.info({ migrations: done.map((one) => one.name) }, 'migrated');
  } finally {
    // Closing the connection gives the lock back, whatever state it is in.
    holder.release(true);
  }
}
