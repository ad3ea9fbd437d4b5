/** Whatever the broker can deliver is settled: nothing keeps its place for ever, and what is behind it goes on. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { Database } from '@microshop/database';
import { type Broker, type Consumer, handles, startConsumer } from '@microshop/events';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { deadLetterQueue } from '@microshop/topology';
import type { GetMessage, Options } from 'amqplib';
import { Type } from 'typebox';
import { migrations } from '../../services/orders/src/store/migrations.ts';
import { messagesIn, onChannel, publishAll } from '../harness/broker.ts';
import {
  quiet,
  type ScratchQueue,
  scratchBroker,
  scratchDatabase,
  scratchQueue,
} from '../harness/scratch.ts';

interface Scene {
  readonly broker: Broker;
  readonly queue: ScratchQueue;
  readonly database: Database;
  readonly consumer: Consumer;
}

async function scene(t: TestContext): Promise<Scene> {
  const [broker, queue, database] = await Promise.all([
    scratchBroker(),
    scratchQueue(),
    scratchDatabase(migrations),
  ]);
  await database.sql.query('create table effects (order_id integer)');
  const consumer = startConsumer({
    broker,
    queue: queue.name,
    sql: database.sql,
    logger: quiet,
    handlers: {
      ORDER_CREATED: handles(Type.Object({ order_id: Type.Integer() }), async ({ body }, tx) => {
        await tx.query('insert into effects values ($1)', [body.order_id]);
      }),
    },
  });
  t.after(async () => {
    await consumer.close();
    await broker.close();
    await queue.remove();
    await database.close();
  });
  return { broker, queue, database, consumer };
}

async function takesEffect({ queue, database }: Scene, orderId: number): Promise<void> {
  const messages = [{ content: JSON.stringify({ order_id: orderId }), messageId: randomUUID() }];
  await publishAll(queue.routingKey, messages, 'ORDER_CREATED');
  await eventuallyDespiteErrors('what is behind takes effect', async () => {
    const rows = await database.sql.query('select 1 from effects where order_id = $1', [orderId]);
    return rows.length === 1 ? true : undefined;
  });
}

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const text = (bytes: number) => 'a'.repeat(bytes);
/** The same of all: each delivery counts, however alike two messages are. */
const id = randomUUID();
const event = { type: 'ORDER_CREATED', contentType: 'application/json' };

interface Poison {
  readonly content: string | Buffer;
  readonly options: Options.Publish;
}

const poisons: Readonly<Record<string, Poison>> = {
  'headers that fill the frame': { content: '', options: { headers: { traceparent, big: text(65_400) } } },
  'headers that fill it with small ones': {
    content: '{}',
    options: {
      ...event,
      messageId: id,
      headers: Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`h${index}`, index])),
    },
  },
  'a body of megabytes': { content: text(8 * 2 ** 20), options: { ...event, messageId: id } },
  'text that is not UTF-8': {
    content: Buffer.concat([Buffer.from('{"order_id":1,"note":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    options: { ...event, messageId: id },
  },
  'a type as long as it can be': {
    content: '{"order_id":1}',
    options: { ...event, messageId: id, type: text(255) },
  },
  'no id': { content: '{"order_id":1}', options: event },
  'an id that is none': { content: '{"order_id":1}', options: { ...event, messageId: `${text(200)}\u0007` } },
  'headers of every type': {
    content: '[]',
    options: {
      ...event,
      messageId: id,
      headers: {
        nested: { table: { list: [1, 'two', null, { three: true }] } },
        bytes: Buffer.from([0, 255]),
        time: { '!': 'timestamp', value: 1_700_000_000 },
        decimal: { '!': 'decimal', value: { places: 2, digits: 5 } },
        float: { '!': 'float', value: 0.25 },
        nothing: null,
      },
    },
  },
  'a trace that is none, baggage of a number': {
    content: '[]',
    options: {
      ...event,
      messageId: id,
      headers: { traceparent: 5, tracestate: ['x'], baggage: { a: 1 } },
    },
  },
  'a copy for the queue itself': { content: '[]', options: { ...event, messageId: id, CC: '' } },
  'properties of another kind of use': {
    content: '[]',
    options: {
      ...event,
      messageId: id,
      priority: 200,
      replyTo: 'amq.rabbitmq.reply',
      expiration: '600000',
      userId: 'shop',
    },
  },
};

test('more poison of each kind than there are places: all of it is dead, what is behind takes effect', async (t) => {
  const all = await scene(t);
  const { queue, consumer } = all;
  const each = 12;
  await onChannel(async (channel) => {
    for (const { content, options } of Object.values(poisons)) {
      for (let copy = 0; copy < (content.length > 2 ** 20 ? 2 : each); copy += 1) {
        const own = 'CC' in options ? { CC: [queue.name] } : {};
        channel.publish('', queue.name, Buffer.from(content), {
          ...options,
          ...own,
          persistent: true,
          mandatory: true,
        });
      }
    }
    await channel.waitForConfirms();
  });
  await takesEffect(all, 1);
  const count = (Object.keys(poisons).length - 1) * each + 2;
  await eventuallyDespiteErrors('all of it is dead', async () =>
    (await messagesIn(deadLetterQueue(queue.name))) === count ? true : undefined,
  );
  await eventuallyDespiteErrors('nothing is held', async () =>
    consumer.state().held === 0 ? true : undefined,
  );
  assert.equal(await messagesIn(queue.name), 0);
  const dead = await onChannel(async (channel) => {
    const letters: GetMessage[] = [];
    for (;;) {
      const letter = await channel.get(deadLetterQueue(queue.name), { noAck: true });
      if (letter === false) return letters;
      letters.push(letter);
    }
  });
  assert.equal(dead.length, count);
  for (const { properties } of dead) assert.equal(typeof properties.headers?.['x-error'], 'string');
  const cut = dead.filter(({ properties }) => properties.headers?.['x-dropped'] === 'big');
  assert.equal(cut.length, each);
  for (const { properties } of cut) assert.equal(properties.headers?.['traceparent'], traceparent);
  assert.ok(dead.every(({ properties }) => properties.expiration === undefined));
});

test('the dead-letter queue is missing: poison is held and takes no place; once the queue is back, it is a dead letter', async (t) => {
  const all = await scene(t);
  const { queue, consumer } = all;
  const dlq = deadLetterQueue(queue.name);
  await onChannel(async (channel) => void (await channel.deleteQueue(dlq)));
  await publishAll(
    queue.routingKey,
    Array.from({ length: 20 }, () => ({ content: '{', messageId: randomUUID() })),
    'ORDER_CREATED',
  );
  await eventuallyDespiteErrors('the poison is held', async () =>
    consumer.state().held === 20 ? true : undefined,
  );
  await takesEffect(all, 1);
  assert.equal(consumer.state().held, 20);
  await onChannel(
    async (channel) =>
      void (await channel.assertQueue(dlq, { durable: true, arguments: { 'x-queue-type': 'quorum' } })),
  );
  await eventuallyDespiteErrors('all of it is dead', async () =>
    (await messagesIn(dlq)) === 20 ? true : undefined,
  );
  await eventuallyDespiteErrors('nothing is held', async () =>
    consumer.state().held === 0 ? true : undefined,
  );
});

test('a consumer whose queue is deleted says that it is missing', async (t) => {
  const { queue, consumer } = await scene(t);
  await eventuallyDespiteErrors('it consumes', async () => (consumer.well() ? true : undefined));
  await onChannel(async (channel) => void (await channel.deleteQueue(queue.name)));
  await eventuallyDespiteErrors('it says so', async () => (consumer.well() ? undefined : true));
  assert.equal(consumer.state().consuming, false);
});
