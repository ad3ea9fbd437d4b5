/** How MikroORM is connected: the same for the work of a service and for its migrations. */
import { MikroORM, type Options } from '@mikro-orm/core';
import type { EntityManager, PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { FastifyBaseLogger } from 'fastify';
import { BoundPostgreSqlDriver } from './bound-driver.ts';

/** Where, and as whom. */
export interface OrmConnection {
  /** `postgres://role:password@host:port/database`. */
  readonly url: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly logger: FastifyBaseLogger;
  /** Time one statement may take, milliseconds; without a limit when absent. */
  readonly statementTimeoutMs?: number;
}

/** What it is for. */
export type OrmPurpose = Partial<
  Pick<
    Options<PostgreSqlDriver, EntityManager>,
    'entities' | 'discovery' | 'extensions' | 'migrations' | 'pool'
  >
>;

/**
 * Time a connection may take to open, and a caller may wait for one of the pool, milliseconds. Requests that come while
 * another has waited long are refused before (`servicePressure` of the topology).
 */
export const connectionTimeoutMs = 3000;

/** An ORM that connects with its first query. */
export function createOrm(
  { url, applicationName, logger, statementTimeoutMs }: OrmConnection,
  purpose: OrmPurpose,
): MikroORM<PostgreSqlDriver, EntityManager> {
  return new MikroORM<PostgreSqlDriver, EntityManager>({
    ...purpose,
    driver: BoundPostgreSqlDriver,
    clientUrl: url,
    driverOptions: {
      application_name: applicationName,
      connectionTimeoutMillis: connectionTimeoutMs,
      ...(statementTimeoutMs === undefined ? {} : { statement_timeout: statementTimeoutMs }),
      keepAlive: true,
    },
    logger: (message) => logger.debug({ orm: message }, 'orm'),
  });
}
