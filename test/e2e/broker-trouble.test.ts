/**
 * What is wrong with the broker is no event's fault: exchange, queues, rights, limits come and go, and the events wait
 * until all is whole again. Only an event that can never be published is set aside. On a virtual host of its own.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  type Broker,
  handles,
  insertOutbox,
  type OutboxMessage,
  type Relay,
  startConsumer,
  startRelay,
} from '@microshop/events';
import type { Database } from '@microshop/service-kit';
import { deadLetterQueue, eventExchange, eventRoute } from '@microshop/topology';
import { Type } from 'typebox';
import { migrations } from '../../services/orders/src/store/migrations.ts';
import { mesh } from '../harness/mesh.ts';
import { quiet, scratchDatabase } from '../harness/scratch.ts';
import { allRights, type ScratchVhost, scratchVhost } from '../harness/scratch-vhost.ts';
import { waitFor } from '../harness/wait.ts';

const { queue, routingKey } = eventRoute('ORDER_CREATED');

/** Time for what needs several attempts, milliseconds. */
const patienceMs = 30_000;

interface Scene {
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

interface Row {
  readonly published: boolean;
  readonly aside: boolean;
  readonly last_error: string | null;
}

/** A relay at work: one event has left. */
async function withRelay(work: (scene: Scene) => Promise<void>): Promise<void> {
  const [vhost, database] = await Promise.all([scratchVhost(), scratchDatabase(migrations)]);
  const broker = vhost.broker();
  const relay = startRelay({ sql: database.sql, broker, logger: quiet, leaseMs: 900 });
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

function hasLeft({ row }: Scene, id: string): Promise<true> {
  return waitFor(
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
function isTold({ relay }: Scene): Promise<string> {
  return waitFor('the relay tells its problem', async () => relay.problem, patienceMs);
}

const troubles: readonly {
  readonly what: string;
  readonly begin: (scene: Scene) => Promise<unknown>;
  /** Mends it; what is absent the relay mends itself. */
  readonly end?: (scene: Scene) => Promise<unknown>;
}[] = [
  {
    what: 'the exchange is deleted',
    begin: ({ vhost }) => vhost.onChannel((channel) => channel.deleteExchange(eventExchange)),
  },
  {
    what: 'the queue is deleted',
    begin: ({ vhost }) => vhost.onChannel((channel) => channel.deleteQueue(queue)),
  },
  {
    what: 'the binding is deleted',
    begin: ({ vhost }) => vhost.onChannel((channel) => channel.unbindQueue(queue, eventExchange, routingKey)),
  },
  {
    what: 'the exchange is of another type',
    begin: ({ vhost }) =>
      vhost.onChannel(async (channel) => {
        await channel.deleteExchange(eventExchange);
        await channel.assertExchange(eventExchange, 'headers');
      }),
    end: ({ vhost }) => vhost.onChannel((channel) => channel.deleteExchange(eventExchange)),
  },
  {
    what: 'the exchange is deleted, and nobody may declare one',
    async begin({ vhost }) {
      await vhost.setRights({ ...allRights, configure: '^$' });
      await vhost.closeConnections();
      await vhost.onChannel((channel) => channel.deleteExchange(eventExchange));
    },
    end: ({ vhost }) => vhost.setRights(allRights),
  },
  {
    what: 'every right to write is taken',
    async begin({ vhost }) {
      await vhost.setRights({ ...allRights, write: '^$' });
      await vhost.closeConnections();
    },
    end: ({ vhost }) => vhost.setRights(allRights),
  },
  {
    what: 'the right to publish to the exchange is taken',
    async begin({ vhost }) {
      await vhost.setRights({ ...allRights, write: '^(products|orders|amq)' });
      await vhost.closeConnections();
    },
    end: ({ vhost }) => vhost.setRights(allRights),
  },
  {
    what: 'the password is another one',
    async begin({ vhost }) {
      await vhost.setPassword(randomUUID());
      await vhost.closeConnections();
    },
    end: ({ vhost }) => vhost.setPassword(),
  },
  {
    what: 'the user is deleted',
    begin: ({ vhost }) => vhost.removeUser(),
    end: ({ vhost }) => vhost.makeUser(),
  },
  {
    what: 'no connection is allowed',
    async begin({ vhost }) {
      await vhost.setLimit('max-connections', 0);
      await vhost.closeConnections();
    },
    end: ({ vhost }) => vhost.setLimit('max-connections', -1),
  },
  {
    what: 'no queue is allowed',
    async begin({ vhost }) {
      await vhost.setLimit('max-queues', 0);
      await vhost.onChannel((channel) => channel.deleteQueue(queue));
    },
    end: ({ vhost }) => vhost.setLimit('max-queues', -1),
  },
  {
    what: 'the queue is full and refuses',
    async begin({ vhost, publish, relay }) {
      await vhost.setPolicy({ 'max-length': 1, overflow: 'reject-publish' });
      // a quorum queue takes a few above its limit
      await waitFor('one is refused', async () => {
        if (relay.problem === undefined) await publish();
        return relay.problem;
      });
    },
    end: ({ vhost }) => vhost.removePolicy(),
  },
];

for (const { what, begin, end } of troubles) {
  test(`${what}: the event waits, is not set aside, and leaves when all is whole again`, () =>
    withRelay(async (scene) => {
      await begin(scene);
      const id = await scene.publish();
      if (end !== undefined) {
        await isTold(scene);
        assert.deepEqual(
          { ...(await scene.row(id)), last_error: null },
          { published: false, aside: false, last_error: null },
        );
        await end(scene);
      }
      await hasLeft(scene, id);
      assert.ok((await scene.take()).includes(id));
      await waitFor('the relay has no problem', async () => scene.relay.problem === undefined || undefined);
    }));
}

test('a dead-letter queue that is deleted is there again when something must be kept in it', () =>
  withRelay(async ({ vhost, broker }) => {
    const deadLetters = deadLetterQueue(queue);
    await vhost.onChannel((channel) => channel.deleteQueue(deadLetters));
    const message = { exchange: '', routingKey: deadLetters, content: Buffer.from('dead'), options: {} };
    assert.equal(await broker.publish(message), undefined);
    const kept = await vhost.onChannel((channel) => channel.get(deadLetters, { noAck: true }));
    assert.equal(kept !== false && kept.content.toString(), 'dead');
  }));

test('what no queue takes is told, and so is a queue that refuses', () =>
  withRelay(async ({ vhost, broker }) => {
    const message = { exchange: '', routingKey: 'nowhere', content: Buffer.from('lost'), options: {} };
    assert.equal((await broker.publish(message))?.kind, 'unroutable');
    await vhost.setPolicy({ 'max-length': 1, overflow: 'reject-publish' });
    await waitFor('one is refused', async () => {
      const failure = await broker.publish({
        ...message,
        routingKey: queue,
        content: Buffer.from(randomUUID()),
      });
      return failure?.kind === 'nacked' ? true : undefined;
    });
  }));

test('a queue that is deleted while it is consumed is declared and consumed again', () =>
  withRelay(async ({ vhost, database, broker, publish }) => {
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
    const effectOf = (orderId: number) =>
      waitFor(
        'the event took effect',
        async () => {
          const rows = await database.sql.query('select 1 from effects where order_id = $1', [orderId]);
          return rows.length === 1 ? true : undefined;
        },
        patienceMs,
      );
    try {
      await publish({ order_id: 1 });
      await effectOf(1);
      for (const name of [queue, eventExchange]) {
        await vhost.onChannel((channel) =>
          name === queue ? channel.deleteQueue(name) : channel.deleteExchange(name),
        );
      }
      await publish({ order_id: 2 });
      await effectOf(2);
    } finally {
      await consumer.close();
    }
  }));

test('a message that fits into no frame of the broker is set aside; those around it leave', () =>
  withRelay(async (scene) => {
    // header tables above 64 KiB are refused by the client, without a word of the broker
    const ids = [
      await scene.publish(),
      await scene.publish({}, { tracestate: 'x'.repeat(70_000) }),
      await scene.publish(),
    ];
    await waitFor('one is set aside', async () => ((await scene.row(ids[1] ?? '')).aside ? true : undefined));
    await hasLeft(scene, ids[0] ?? '');
    await hasLeft(scene, ids[2] ?? '');
  }));

test('a message above the limit of the broker is set aside by name, alone or among others; those around it leave', () =>
  withRelay(async (scene) => {
    const limit = (bytes: number) =>
      mesh.rabbitmqctl(['eval', `application:set_env(rabbit, max_message_size, ${bytes}).`]);
    await limit(20_000);
    try {
      // channels know the limit they were opened with
      await scene.vhost.closeConnections();
      for (const around of [0, 3]) {
        const others = await Promise.all(Array.from({ length: around }, () => scene.publish()));
        const large = await scene.publish({ text: 'x'.repeat(30_000) });
        const reason = await waitFor(
          'it is set aside',
          async () => {
            const { aside, last_error: error } = await scene.row(large);
            return aside ? error : undefined;
          },
          patienceMs,
        );
        assert.match(String(reason), /message size 30\d+ is larger than configured max size 20000/);
        for (const id of [...others, await scene.publish()]) await hasLeft(scene, id);
      }
    } finally {
      await limit(16_777_216);
    }
  }));
