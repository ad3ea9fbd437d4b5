/** PostgreSQL and RabbitMQ of a test's own, with the tables and queues of the services: used by the audit alone. */
import type { TestContext } from 'node:test';
import type { AuditSources } from '@microshop/control/audit/sources';
import { type Database, type NamedMigration, openDatabase } from '@microshop/database';
import { brokerUser } from '@microshop/deploy/settings/rabbitmq';
import { createBroker } from '@microshop/events';
import { readSecret } from '@microshop/native/parts/context';
import { postgresPart } from '@microshop/native/parts/postgres';
import { rabbitmqPart } from '@microshop/native/parts/rabbitmq';
import { started, testMesh } from '@microshop/native/parts/testing/mesh-directory';
import type { RunningPart } from '@microshop/native/parts/testing/run-part';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { auditRole, type ServiceName, serviceNamed } from '@microshop/topology';
import { defineEntity, p } from '@mikro-orm/core';
import { pino } from 'pino';
import { migrations as ofOrders } from '../../services/orders/src/store/migrations.ts';
import { migrations as ofProducts } from '../../services/products/src/store/migrations.ts';
import { migrations as ofUsers } from '../../services/users/src/store/migrations.ts';

/** The services whose tables an audit reads. */
type AuditedService = 'orders' | 'products' | 'users';

const migrations: Readonly<Record<AuditedService, readonly NamedMigration[]>> = {
  orders: ofOrders,
  products: ofProducts,
  users: ofUsers,
};

/** The servers, running for the length of a test. */
export interface ShopServers {
  readonly sources: AuditSources;
  /** Runs a statement as the owner of that service's database. */
  sql<Row>(service: AuditedService, text: string, params?: readonly unknown[]): Promise<Row[]>;
  /** That service's database, as it has it. */
  readonly databases: Readonly<Record<AuditedService, Database>>;
  readonly postgres: RunningPart;
  readonly rabbitmq: RunningPart;
  /** Declares exchange and queues, as the services do. */
  declareQueues(): Promise<void>;
  /** Closes the databases' own connections, so that a server can be stopped. */
  close(): Promise<void>;
}

/** Starts them, with empty tables and queues. */
export async function shopServers(t: TestContext): Promise<ShopServers> {
  const mesh = await testMesh(t, ['postgres', 'rabbitmq']);
  const { postgres: database, rabbitmq: at } = mesh.placement;
  const [postgres, rabbitmq] = await Promise.all([
    started(t, postgresPart(mesh)),
    started(t, rabbitmqPart(mesh)),
  ]);
  const password = (name: ServiceName | 'audit' | 'rabbitmq') => readSecret(mesh, name);
  const amqpUrl = async () =>
    `amqp://${brokerUser}:${await password('rabbitmq')}@${at.amqp.host}:${at.amqp.port}`;

  const open = async (service: AuditedService): Promise<Database> => {
    const { role, name } = serviceNamed(service).database;
    return await openDatabase({
      url: `postgres://${role}:${await password(service)}@${database.host}:${database.port}/${name}`,
      poolSize: 2,
      // MikroORM wants one; nothing reads it
      entities: [defineEntity({ name: 'Nothing', properties: { id: p.integer().primary() } })],
      migrations: migrations[service],
      applicationName: 'audit test',
      logger: pino({ level: 'silent' }),
      signal: AbortSignal.timeout(30_000),
    });
  };
  const [users, products, orders] = await Promise.all([open('users'), open('products'), open('orders')]);
  const databases: Readonly<Record<AuditedService, Database>> = { users, products, orders };
  const declareQueues = async () => {
    const url = await amqpUrl();
    const broker = createBroker({ url, connectionName: 'audit test', logger: pino({ level: 'silent' }) });
    // exchange and queues are declared before a channel is open
    const publisher = broker.keepPublisher();
    await eventuallyDespiteErrors('the queues are declared', async () => publisher.current());
    await broker.close();
  };
  await declareQueues();

  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await Promise.all([users, products, orders].map((one) => one.close()));
  };
  return {
    sources: {
      postgres: database,
      amqpUrl,
      // no consumer of these tests holds a message, but for one that says so
      statisticsLateMs: 0,
      managementUrl: `http://${at.management.host}:${at.management.port}`,
      redisPassword: async () => {
        throw new Error('An audit reads no cache');
      },
      brokerCredentials: async () => ({ username: brokerUser, password: await password('rabbitmq') }),
      databaseCredentials: async () => ({ user: auditRole, password: await password('audit') }),
    },
    sql: (service, text, params) => databases[service].sql.query(text, params),
    databases,
    postgres,
    rabbitmq,
    declareQueues,
    close,
  };
}
