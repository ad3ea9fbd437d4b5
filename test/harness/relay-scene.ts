/** A relay at work on a virtual host and in a database of its own: to be brought into trouble. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Database } from '@microshop/database';
import {
  type Broker,
  handles,
  insertOutbox,
  type OutboxMessage,
  type Relay,
  startConsumer,
  startRelay,
} from '@microshop/events';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { eventRoute } from '@microshop/topology';
import { Type } from 'typebox';
import { migrations } from '../../services/orders/src/store/migrations.ts';
import { quiet, scratchDatabase } from './scratch.ts';
import { type ScratchVhost, scratchVhost } from './scratch-vhost.ts';

const { queue, routingKey } = eventRoute('ORDER_CREATED');

/** Time for what needs several attempts, milliseconds. */
export const patienceMs = 60_000;

/** Leases of the relay, milliseconds: a busy machine may not be late by so much in renewing one, or its event is sent twice. */
export const leaseMs = 3000;

/** What a test has to work with. */
export interface Scene {
  readonly vhost: ScratchVhost;
  readonly database: Database;
  readonly broker: Broker;
  readonly relay: Relay;
  /** Writes an event into the outbox; its id. */
  publish(body?: Record<string, unknown>, headers?: Record<string, string>): Promise<string>;
  /** Ids of the messages in the queue, each as often as it is there; they are taken out. */
  take(): Promise<string[]>;
  row(id: string): Promise<Row>;
}

/** How an event is. */
export interface Row {
  readonly published: boolean;
  readonly aside: boolean;
  readonly last_error: string | null;
}

/** Runs the work beside a relay by which one event has left already. */
export async function withRelay(work: (scene: Scene) => Promise<void>, frameMax?: number): Promise<void> {
  const [vhost, database] = await Promise.all([scratchVhost(), scratchDatabase(migrations)]);
  const broker = vhost.broker(frameMax);
  const relay = startRelay({ sql: database.sql, broker, logger: quiet, leaseMs });
  const scene: Scene = {
    vhost,
    database,
    broker,
    relay,
    async publish(body = {}, headers = {}) {
      const messageId = randomUUID();
      const message: OutboxMessage = { messageId, type: 'ORDER_CREATED', routingKey, body, headers };
      await insertOutbox(database.sql, [message]);
      relay.wake();
      return messageId;
    },
    take: () =>
      vhost.onChannel(async (channel) => {
        const ids: string[] = [];
        for (;;) {
          const message = await channel.get(queue, { noAck: true });
          if (message === false) return ids;
          ids.push(String(message.properties.messageId));
        }
      }),
    async row(id) {
      const [row] = await database.sql.query<Row>(
        `select published_at is not null as published, failed_at is not null as aside, last_error
         from outbox where message_id = $1`,
        [id],
      );
      assert.ok(row !== undefined, `the outbox holds ${id}`);
      return row;
    },
  };
  try {
    const first = await scene.publish();
    await hasLeft(scene, first);
    assert.deepEqual(await scene.take(), [first]);
    await work(scene);
  } finally {
    await relay.close();
    await broker.close();
    await Promise.all([vhost.remove(), database.close()]);
  }
}

/** Resolves when the event has left; it must not be set aside. */
export function hasLeft({ row }: Scene, id: string): Promise<true> {
  return eventuallyDespiteErrors(
    'the event has left',
    async () => {
      const { published, aside, last_error: error } = await row(id);
      assert.ok(!aside, `set aside: ${error}`);
      return published ? true : undefined;
    },
    patienceMs,
  );
}

/** Resolves when the relay itself says that events do not leave. */
export function reportedProblem({ relay }: Scene): Promise<string> {
  return eventuallyDespiteErrors('the relay tells its problem', async () => relay.problem, patienceMs);
}

/** Runs the work while the effects of the queue's messages are made; it is given what waits for the effect on an order. */
export async function withConsumer(
  { broker, database }: Scene,
  work: (effectOf: (orderId: number) => Promise<true>) => Promise<void>,
): Promise<void> {
  await database.sql.query('create table effects (order_id integer)');
  const consumer = startConsumer({
    broker,
    queue,
    sql: database.sql,
    logger: quiet,
    handlers: {
      ORDER_CREATED: handles(Type.Object({ order_id: Type.Integer() }), async ({ body }, tx) => {
        await tx.query('insert into effects values ($1)', [body.order_id]);
      }),
    },
  });
  try {
    await work((orderId) =>
      eventuallyDespiteErrors(
        `the event of order ${orderId} took effect`,
        async () => {
          const rows = await database.sql.query('select 1 from effects where order_id = $1', [orderId]);
          return rows.length === 1 ? true : undefined;
        },
        patienceMs,
      ),
    );
  } finally {
    await consumer.close();
  }
}
