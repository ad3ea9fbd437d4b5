/** Brings a database's tables up to date when a service starts, and waits for a database that is unavailable. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Migration, Migrator } from '@mikro-orm/migrations';
import type { FastifyBaseLogger } from 'fastify';
import { isTransient } from './errors/index.ts';
import { createOrm } from './orm.ts';

/** A migration by its stable name. */
export interface NamedMigration {
  readonly name: string;
  readonly class: new (...args: ConstructorParameters<typeof Migration>) => Migration;
}

/** What {@link migrate} needs. */
export interface MigrateOptions {
  /** `postgres://role:password@host:port/database`. */
  readonly url: string;
  readonly migrations: readonly NamedMigration[];
  /** Shown in `pg_stat_activity`, with `migrations` behind it. */
  readonly applicationName: string;
  readonly logger: FastifyBaseLogger;
  /** Ends the wait for a database that is unavailable. */
  readonly signal: AbortSignal;
}

/**
 * Key of the advisory lock that migrations run under (any constant will do; replicas of one service share it, and
 * databases do not share locks).
 */
const migrationLock = 7_321_001;

/** Longest pause between two attempts, milliseconds. */
const maxPauseMs = 2000;

/**
 * Runs the pending migrations. Retries, with back-off, while the database is unavailable (missing, read-only, a login
 * it refuses), also when it fails in the middle: a migration is one transaction. Throws any other error (a migration
 * that does not fit), and the signal's reason when it aborts.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const { logger, signal } = options;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    try {
      await migrateOnce(options);
      return;
    } catch (error) {
      if (!isTransient(error)) throw error;
      logger.warn({ err: error, retry_in_ms: pauseMs }, 'waiting for the database');
      await delay(pauseMs, undefined, { signal });
    }
  }
}

/** Uses its own connections: a statement of a migration may take longer than one that serves a request. */
async function migrateOnce({ url, migrations, applicationName, logger }: MigrateOptions): Promise<void> {
  const orm = createOrm(
    { url, applicationName: `${applicationName} migrations`, logger },
    {
      entities: [],
      discovery: { warnWhenNoEntities: false },
      extensions: [Migrator],
      // one holds the lock, one migrates
      pool: { min: 0, max: 2 },
      migrations: { migrationsList: [...migrations], snapshot: false, silent: true },
    },
  );
  try {
    const pool = await orm.driver.getConnection().getNativeClient();
    // Several replicas start at once: the lock lets one migrate and the others find it done.
    const holder = await pool.connect();
    // It is lost together with the migrating connection, which reports the error; an error without a listener would
    // end the process.
    holder.on('error', () => undefined);
    try {
      await holder.query('select pg_advisory_lock($1)', [migrationLock]);
      const done = await orm.migrator.up();
      if (done.length > 0) logger.info({ migrations: done.map(({ name }) => name) }, 'migrated');
    } finally {
      // Closing the connection gives the lock back, whatever state it is in.
      holder.release(true);
    }
  } finally {
    await orm.close(true);
  }
}
