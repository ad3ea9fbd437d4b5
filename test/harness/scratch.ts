/** A database and a queue of a test's own, on the mesh's real PostgreSQL and RabbitMQ. */
import { randomUUID } from 'node:crypto';
import { type Database, type NamedMigration, openDatabase } from '@microshop/database';
import { type Broker, createBroker } from '@microshop/events';
import { deadLetterQueue, eventExchange } from '@microshop/topology';
import { defineEntity, p } from '@mikro-orm/core';
import pg from 'pg';
import { pino } from 'pino';
import { onChannel } from './broker.ts';
import { mesh } from './mesh.ts';

/** Says nothing: what a test provokes is no news. `LOG_LEVEL=debug` shows it. */
export const quiet = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });

/** Runs one statement, or several, as the superuser; in that database. */
export async function asSuperuser(text: string, database = 'postgres'): Promise<void> {
  const client = new pg.Client({
    ...mesh.postgres,
    database,
    user: 'postgres',
    password: await mesh.secret('postgres'),
  });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** An empty database. */
export interface EmptyDatabase {
  /** As the superuser reaches it. */
  readonly url: string;
  drop(): Promise<void>;
}

/** Makes one. */
export async function emptyDatabase(): Promise<EmptyDatabase> {
  const name = `scratch_${randomUUID().replaceAll('-', '')}`;
  await asSuperuser(`create database ${name}`);
  const password = encodeURIComponent(await mesh.secret('postgres'));
  return {
    url: `postgres://postgres:${password}@${mesh.postgres.host}:${mesh.postgres.port}/${name}`,
    drop: () => asSuperuser(`drop database ${name} with (force)`),
  };
}

/** Opens a database as a service does, with those tables. */
export function openScratch(url: string, migrations: readonly NamedMigration[]): Promise<Database> {
  return openDatabase({
    url,
    poolSize: 10,
    // MikroORM wants one; nothing reads it
    entities: [defineEntity({ name: 'Nothing', properties: { id: p.integer().primary() } })],
    migrations,
    applicationName: 'scratch',
    logger: quiet,
    signal: AbortSignal.timeout(30_000),
  });
}

/** A database with those tables; it is dropped when it is closed. */
export async function scratchDatabase(migrations: readonly NamedMigration[]): Promise<Database> {
  const { url, drop } = await emptyDatabase();
  const database = await openScratch(url, migrations);
  return {
    ...database,
    async close() {
      await database.close();
      await drop();
    },
  };
}

/** A client of the broker as services have one. */
export async function scratchBroker(): Promise<Broker> {
  const url = new URL(mesh.amqp);
  url.username = 'shop';
  url.password = await mesh.secret('rabbitmq');
  return createBroker({ url: url.href, connectionName: 'scratch', logger: quiet });
}

/** A queue with its dead-letter queue, bound to the shop's exchange by a key of its own. */
export interface ScratchQueue {
  readonly name: string;
  readonly routingKey: string;
  bind(): Promise<void>;
  unbind(): Promise<void>;
  remove(): Promise<void>;
}

/** Makes such a queue, bound. */
export async function scratchQueue(): Promise<ScratchQueue> {
  const name = `scratch.${randomUUID()}`;
  const quorum = { durable: true, arguments: { 'x-queue-type': 'quorum' } };
  const queue: ScratchQueue = {
    name,
    routingKey: name,
    bind: () => onChannel(async (channel) => void (await channel.bindQueue(name, eventExchange, name))),
    unbind: () => onChannel(async (channel) => void (await channel.unbindQueue(name, eventExchange, name))),
    remove: () =>
      onChannel(async (channel) => {
        await channel.deleteQueue(name);
        await channel.deleteQueue(deadLetterQueue(name));
      }),
  };
  await onChannel(async (channel) => {
    await channel.assertQueue(deadLetterQueue(name), quorum);
    await channel.assertQueue(name, quorum);
  });
  await queue.bind();
  return queue;
}
