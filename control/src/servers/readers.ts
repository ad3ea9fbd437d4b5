/**
 * What PostgreSQL counts about the databases of the shop (`pg_stat_database`, read as the audit role) and Redis about
 * itself (`INFO`), and where they are asked.
 */

import { type ServerAddress, serverAddressWithTls } from '@microshop/program-kit/addresses';
import { type Address, auditRole, instanceNumber, nativePlacement, services } from '@microshop/topology';
import { Redis } from 'ioredis';
import pg from 'pg';
import { auditSources } from '../audit/sources.ts';

/** Addresses, and the passwords of the read-only role and of the cache, read when they are needed: they may be made later. */
export interface ServerSources {
  readonly postgres: Address;
  readonly redis: ServerAddress;
  auditPassword(): Promise<string>;
  redisPassword(): Promise<string>;
}

/**
 * The servers of the mesh that the environment names: `MESH_URL_POSTGRES` (`postgres://host:port`) and `MESH_URL_REDIS`
 * (`redis://host:port`, or `rediss://…`) with the passwords below `MESH_SECRETS_DIR`; else those of native mesh `MESH_INSTANCE`. Throws
 * when a variable holds no address.
 */
export function serverSources(env: NodeJS.ProcessEnv = process.env): ServerSources {
  const { postgres, databaseCredentials, redisPassword } = auditSources(env);
  const { redis } = nativePlacement({ instance: instanceNumber(env), env });
  return {
    postgres,
    redis: serverAddressWithTls(env, 'MESH_URL_REDIS', ['redis', 'rediss'], redis),
    auditPassword: async () => (await databaseCredentials()).password,
    redisPassword,
  };
}

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

/** Reads them; closed when it is no longer needed. */
export interface PostgresReader {
  read(): Promise<DatabaseStatistics[]>;
  close(): Promise<void>;
}

/** Time to connect, and for one answer, milliseconds: an export waits for it. */
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
  // a server may end between two queries; the next one opens another connection
  pool.on('error', () => undefined);
  return {
    read: async () => (await pool.query<DatabaseStatistics>(question, [databases])).rows,
    close: () => pool.end(),
  };
}

/** Numbers of `INFO` by their names there (`used_memory`, `keyspace_hits`, …). */
export type RedisInfo = ReadonlyMap<string, number>;

/** Reads it; closed when it is no longer needed. */
export interface RedisReader {
  read(): Promise<RedisInfo>;
  close(): Promise<void>;
}

/** A reader with one connection. */
export function redisReader({ redis: { host, port, tls }, redisPassword }: ServerSources): RedisReader {
  const redis = new Redis({
    host,
    port,
    // by the authorities that Node trusts
    ...(tls ? { tls: {} } : {}),
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: limitMs,
    connectTimeout: limitMs,
    // a read without a connection opens one
    retryStrategy: () => null,
  });
  // the error of a failed attempt only says that there is no connection
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  return {
    async read() {
      if (redis.status === 'wait' || redis.status === 'end') {
        redis.options.password = await redisPassword();
        reason = undefined;
        await redis.connect().catch((error: unknown) => {
          throw reason ?? error;
        });
      }
      return parseInfo(await redis.info());
    },
    close: async () => {
      redis.disconnect();
    },
  };
}

/** The numbers of an answer to `INFO`: lines `name:value`, sections begin with `#`. */
export function parseInfo(text: string): RedisInfo {
  return new Map(
    text.split(/\r?\n/).flatMap((line): [string, number][] => {
      const [, name, value] = /^([a-z_0-9]+):(-?\d+(?:\.\d+)?)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, Number(value)]];
    }),
  );
}
