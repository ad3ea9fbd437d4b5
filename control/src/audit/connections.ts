/**
 * Connections to the databases as the read-only role: new ones, and some that stay for the next reader. One who comes every few
 * seconds takes those, for a new one costs both sides a handshake of 4,096 hashes, and the server a process.
 */
import { type Address, auditRole, type ServiceName, serviceNamed } from '@microshop/topology';
import pg from 'pg';

/** The server, and the password of the role, which is read when it is needed. */
interface DatabaseServer {
  readonly postgres: Address;
  databaseCredentials(): Promise<{ readonly password: string }>;
}

/** Time to connect or to be given a connection, and for one statement, milliseconds. */
const connectTimeoutMs = 3000;
const statementTimeoutMs = 30_000;

/** Time for which one stays unused, milliseconds: the checker of traces reads each 3 s. */
const unusedMs = 10_000;

const pools = new WeakMap<DatabaseServer, Map<ServiceName, pg.Pool>>();

function settingsOf(server: DatabaseServer, service: ServiceName): pg.ClientConfig {
  return {
    ...server.postgres,
    user: auditRole,
    password: async () => (await server.databaseCredentials()).password,
    database: serviceNamed(service).database.name,
    application_name: 'audit',
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
  };
}

function openPool(server: DatabaseServer, service: ServiceName): pg.Pool {
  const pool = new pg.Pool({
    ...settingsOf(server, service),
    idleTimeoutMillis: unusedMs,
    // kept connections do not keep the process running
    allowExitOnIdle: true,
  });
  // a server that ends closes its connections: the statement under way fails, and the next one gets a new connection
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', () => undefined);
  return pool;
}

/** A connection to that service's database with no transaction open, and what gives it back. */
export interface Connection {
  readonly client: pg.ClientBase;
  /** `broken`: nobody can use it any more. */
  giveBack(broken: boolean): void;
}

/** A new connection: it shows whether there can be one now. */
export async function newConnection(server: DatabaseServer, service: ServiceName): Promise<Connection> {
  const client = new pg.Client(settingsOf(server, service));
  // a server that ends meanwhile fails the statement; without a listener it would end this process
  client.on('error', () => undefined);
  const giveBack = () => void client.end().catch(() => undefined);
  try {
    await client.connect();
  } catch (error) {
    giveBack();
    throw error;
  }
  return { client, giveBack };
}

/** One that was kept, or a new one that will be. */
export async function keptConnection(server: DatabaseServer, service: ServiceName): Promise<Connection> {
  const known = pools.get(server) ?? new Map<ServiceName, pg.Pool>();
  pools.set(server, known);
  const pool = known.get(service) ?? openPool(server, service);
  known.set(service, pool);
  const client = await pool.connect();
  return { client, giveBack: (broken) => client.release(broken) };
}
