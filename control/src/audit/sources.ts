/** Where an audit reads: the broker, and PostgreSQL as the read-only role, each database in a snapshot. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { passwordFile } from '@microshop/deploy/consumers';
import { serverAddress, serverAddressWithTls } from '@microshop/program-kit/addresses';
import { runDirectory } from '@microshop/program-kit/run-directory';
import {
  type Address,
  auditRole,
  instanceNumber,
  nativePlacement,
  type ServiceName,
} from '@microshop/topology';
import { type Connection, keptConnection, newConnection } from './connections.ts';

/** User of the shop at the broker. */
const brokerUser = 'shop';

/**
 * A quorum queue publishes its figures every 5 s (`quorum_tick_interval`), and the management plugin collects them every 5 s
 * (`collect_statistics_interval`); a second more for the way.
 */
export const statisticsLateMs = 11_000;

/** Addresses and passwords; passwords are read when they are needed, for they may be made later. */
export interface AuditSources {
  readonly postgres: Address;
  /** `amqp://user:password@host:port`, or `amqps://…`. */
  amqpUrl(): Promise<string>;
  /** RabbitMQ's management API, `http://host:port` or `https://…`, and its user. */
  readonly managementUrl: string;
  /** How late the management API's statistics are at most, milliseconds. */
  readonly statisticsLateMs: number;
  brokerCredentials(): Promise<{ readonly username: string; readonly password: string }>;
  /** The audit role and its password. */
  databaseCredentials(): Promise<{ readonly user: string; readonly password: string }>;
  /** The password of the cache; the readers of the servers use it, not the audit. */
  redisPassword(): Promise<string>;
}

/**
 * The sources of the mesh that the environment names: `MESH_URL_POSTGRES` (`postgres://host:port`; `PGSSLMODE` says whether with
 * TLS), `MESH_URL_AMQP` (`amqp://host:port`, or `amqps://…`) and `MESH_URL_RABBITMQ` (`http://host:port`, or `https://…`), with
 * passwords below `MESH_SECRETS_DIR`; else those of native mesh `MESH_INSTANCE`. Throws when a variable holds no address.
 */
export function auditSources(env: NodeJS.ProcessEnv = process.env): AuditSources {
  const instance = instanceNumber(env);
  const placement = nativePlacement({ instance, env });
  const secrets = env['MESH_SECRETS_DIR'];
  const native = runDirectory(instance).secrets;
  const password = async (name: 'audit' | 'rabbitmq' | 'redis'): Promise<string> => {
    // in containers each consumer has its own volume with the password in it
    const file =
      secrets === undefined || secrets === ''
        ? path.join(native, passwordFile(name))
        : path.join(secrets, name, passwordFile(name));
    return (await readFile(file, 'utf8')).trim();
  };
  const { amqp: plainAmqp, management: plainManagement } = placement.rabbitmq;
  const amqp = serverAddressWithTls(env, 'MESH_URL_AMQP', ['amqp', 'amqps'], plainAmqp);
  const management = serverAddressWithTls(env, 'MESH_URL_RABBITMQ', ['http', 'https'], plainManagement);
  return {
    postgres: serverAddress(env, 'MESH_URL_POSTGRES', 'postgres', placement.postgres),
    amqpUrl: async () =>
      `${amqp.tls ? 'amqps' : 'amqp'}://${brokerUser}:${encodeURIComponent(await password('rabbitmq'))}@${amqp.host}:${amqp.port}`,
    managementUrl: `${management.tls ? 'https' : 'http'}://${management.host}:${management.port}`,
    statisticsLateMs,
    brokerCredentials: async () => ({ username: brokerUser, password: await password('rabbitmq') }),
    databaseCredentials: async () => ({ user: auditRole, password: await password('audit') }),
    redisPassword: () => password('redis'),
  };
}

/** A connection whose every statement sees the database at one moment: that of {@link openSnapshot}. */
export interface Snapshot {
  query<Row>(text: string, params?: readonly unknown[]): Promise<Row[]>;
  /** The rows of a statement, some thousands at a time: what it says is never held whole. */
  pages<Row>(text: string): AsyncGenerator<Row[]>;
  end(): Promise<void>;
}

/** Rows of a page. */
const pageSize = 5000;

/**
 * What a sum or a sort of an audit may use in the server. The default of 4 MB spills a million rows to disk; the planner
 * is set to expect that a cursor is read to its end.
 */
const settings = `set local work_mem = '32MB'; set local cursor_tuple_fraction = 1`;

/** Connects, and takes the snapshot before it resolves, so that the order of several of them is known. */
export async function openSnapshot(sources: AuditSources, service: ServiceName): Promise<Snapshot> {
  return await snapshotOn(await newConnection(sources, service));
}

async function snapshotOn({ client, giveBack }: Connection): Promise<Snapshot> {
  // One statement after the other, for all callers: the driver warns on standard error when two overlap.
  let before: Promise<unknown> = Promise.resolve();
  let underWay = 0;
  async function query<Row>(text: string, params: readonly unknown[] = []): Promise<Row[]> {
    underWay += 1;
    const answer = before
      .then(() => client.query<Row & Record<string, unknown>>(text, [...params]))
      .finally(() => {
        underWay -= 1;
      });
    before = answer.catch(() => undefined);
    return (await answer).rows;
  }

  let cursors = 0;
  async function* pages<Row>(text: string): AsyncGenerator<Row[]> {
    cursors += 1;
    const cursor = `page_${cursors}`;
    await query(`declare ${cursor} no scroll cursor for ${text}`);
    for (;;) {
      const rows = await query<Row>(`fetch ${pageSize} from ${cursor}`);
      if (rows.length > 0) yield rows;
      if (rows.length < pageSize) break;
    }
    await query(`close ${cursor}`);
  }

  async function end(): Promise<void> {
    // nobody waits any longer for what is under way
    if (underWay > 0) return giveBack(true);
    await query('commit').then(
      () => giveBack(false),
      () => giveBack(true),
    );
  }

  try {
    await query('begin isolation level repeatable read read only');
    await query(settings);
    // `begin` takes no snapshot, the first statement does
    await query('select 1 from pg_class limit 1');
  } catch (error) {
    giveBack(true);
    throw error;
  }
  return { query, pages, end };
}

/** Runs the work in a snapshot of its own. */
export async function inSnapshot<T>(
  sources: AuditSources,
  service: ServiceName,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  return await within(await openSnapshot(sources, service), work);
}

/** The same for those who read every few seconds: on a connection that is kept for the next of them. */
export async function inKeptSnapshot<T>(
  sources: AuditSources,
  service: ServiceName,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  // a kept connection may have ended with its server without being noticed yet
  const snapshot = await snapshotOn(await keptConnection(sources, service)).catch(async () =>
    snapshotOn(await keptConnection(sources, service)),
  );
  return await within(snapshot, work);
}

async function within<T>(snapshot: Snapshot, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  try {
    return await work(snapshot);
  } finally {
    await snapshot.end();
  }
}
