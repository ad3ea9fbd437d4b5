/** What PostgreSQL counts about the shop's databases (`pg_stat_database`), read as the audit role. */
import { auditRole, services } from '@microshop/topology';
import pg from 'pg';
import type { ServerSources } from './sources.ts';

/** One database; sums since the statistics were begun. */
export interface DatabaseStatistics {
  readonly database: string;
  readonly backends: number;
  readonly commits: number;
  readonly rollbacks: number;
  readonly blocks_hit: number;
  readonly blocks_read: number;
  readonly deadlocks: number;
  readonly size_bytes: number;
}

/** Reads them; closed when nobody asks any more. */
export interface PostgresReader {
  read(): Promise<DatabaseStatistics[]>;
  close(): Promise<void>;
}

/** Time to connect, and for the one statement, milliseconds: an export waits for it. */
const limitMs = 1500;

const databases = services.map(({ database }) => database.name);

const question = `select datname as database, numbackends as backends, xact_commit::float8 as commits,
    xact_rollback::float8 as rollbacks, blks_hit::float8 as blocks_hit, blks_read::float8 as blocks_read,
    deadlocks::float8 as deadlocks, pg_database_size(datname)::float8 as size_bytes
  from pg_stat_database where datname = any($1) order by datname`;

/** A reader with at most one connection. */
export function postgresReader(sources: ServerSources): PostgresReader {
  const pool = new pg.Pool({
    ...sources.postgres,
    user: auditRole,
    password: () => sources.auditPassword(),
    database: databases[0],
    max: 1,
    connectionTimeoutMillis: limitMs,
    query_timeout: limitMs,
    application_name: 'control',
  });
  // a server that ends between two questions; the next one opens another connection
  pool.on('error', () => undefined);
  return {
    read: async () => (await pool.query<DatabaseStatistics>(question, [databases])).rows,
    close: () => pool.end(),
  };
}
