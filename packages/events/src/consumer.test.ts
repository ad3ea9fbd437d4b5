/** What a consumer does with its deliveries when broker and database answer as the test wants. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { Type } from 'typebox';
import { startConsumer } from './consumer.ts';
import { type EventHandler, handles } from './handler.ts';
import type { PublishFailure } from './publisher.ts';
import { type FakeBroker, fakeBroker } from './testing/fake-broker.ts';
import { fakeDatabase } from './testing/fake-database.ts';

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let look = 0; !holds(); look += 1) {
    if (look === 2000) assert.fail(`did not happen: ${what}`);
    await delay(5);
  }
}

function consuming(t: TestContext, handler: EventHandler, sql = fakeDatabase()): FakeBroker {
  const fake = fakeBroker();
  const consumer = startConsumer({
    broker: fake.broker,
    queue: 'q',
    sql,
    logger: pino({ level: 'silent' }),
    handlers: { ORDER_CREATED: handler },
    concurrency: 1,
  });
  t.after(() => consumer.close());
  return fake;
}

const anything = Type.Unknown();

test('poison is acked when the broker has its copy, not before', async (t) => {
  const fake = consuming(
    t,
    handles(anything, async () => undefined),
  );
  await turn();
  const messageId = randomUUID();
  fake.deliver({ messageId, content: '{' });
  await until('a copy is published', () => fake.published.length === 1);
  await turn();
  assert.deepEqual(fake.acked, [], 'nothing is confirmed');
  fake.confirm({ kind: 'unroutable', reason: 'there is no queue' });
  await until('it is published again', () => fake.published.length === 2);
  assert.deepEqual(fake.acked, [], 'the copy was returned');
  fake.confirm({ kind: 'nacked', reason: 'the queue is full' });
  await until('it is published once more', () => fake.published.length === 3);
  assert.deepEqual(fake.acked, [], 'the copy was refused');
  fake.confirm();
  await until('it is acked', () => fake.acked.length === 1);
  assert.deepEqual(fake.acked, [messageId]);
});

test('a copy that cannot be published is made smaller', async (t) => {
  const fake = consuming(
    t,
    handles(anything, async () => undefined),
  );
  await turn();
  fake.deliver({ messageId: randomUUID(), content: '{' });
  await until('a copy is published', () => fake.published.length === 1);
  fake.confirm({ kind: 'message', reason: 'it fits into no frame' });
  await until('another one is', () => fake.published.length === 2);
  fake.confirm();
  await until('it is acked', () => fake.acked.length === 1);
});

test('a handler that fails twice for an unknown reason gets a third attempt, and others overtake it meanwhile', async (t) => {
  let attempts = 0;
  const first = randomUUID();
  const handler = handles(anything, async ({ messageId }) => {
    if (messageId !== first) return;
    attempts += 1;
    if (attempts < 3) throw new Error('for no reason');
  });
  const fake = consuming(t, handler);
  await turn();
  const second = randomUUID();
  fake.deliver({ messageId: first, content: '{}' });
  fake.deliver({ messageId: second, content: '{}' });
  await until('both are acked', () => fake.acked.length === 2);
  assert.deepEqual(fake.acked, [second, first]);
  assert.equal(attempts, 3);
  assert.deepEqual(fake.published, []);
});

test('the third failure in a row is the last', async (t) => {
  let attempts = 0;
  const fake = consuming(
    t,
    handles(anything, async () => {
      attempts += 1;
      throw new Error('each time');
    }),
  );
  await turn();
  fake.deliver({ messageId: randomUUID(), content: '{}' });
  await until('it goes to the dead letters', () => fake.published.length === 1);
  assert.equal(attempts, 3);
  fake.confirm();
});

test('whatever the database refuses, however often: the message waits', async (t) => {
  const codes = ['25006', '28P01', '42501', '57P01', 'ENETUNREACH', '40001', '55P03', '57014'];
  const failures = codes.map((code) => Object.assign(new Error('refused'), { code }));
  const fake = consuming(
    t,
    handles(anything, async () => undefined),
    fakeDatabase(failures),
  );
  await turn();
  fake.deliver({ messageId: randomUUID(), content: '{}' });
  await until('it is acked', () => fake.acked.length === 1);
  assert.deepEqual(fake.published, []);
});

test('what was delivered on a channel that closed is not begun: it is redelivered', async (t) => {
  const begun: string[] = [];
  const gate = Promise.withResolvers<void>();
  const fake = consuming(
    t,
    handles(anything, async ({ messageId }) => {
      begun.push(messageId);
      await gate.promise;
    }),
  );
  await turn();
  const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
  fake.deliver({ messageId: first, content: '{}' });
  fake.deliver({ messageId: second, content: '{}' });
  await until('the first is begun', () => begun.length === 1);
  await fake.loseChannel();
  fake.deliver({ messageId: third, content: '{}' });
  gate.resolve();
  await until('the third is acked', () => fake.acked.length === 1);
  assert.deepEqual(begun, [first, third]);
  assert.deepEqual(fake.acked, [third], 'acks of another channel would end this one');
});

/** Places of the consumer under test: 100, of which half may wait. */
const halfOfPlaces = 50;
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function deliverAll(fake: FakeBroker, count: number, content: string): string[] {
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const messageId of ids) fake.deliver({ messageId, content, headers: { traceparent } });
  return ids;
}

/** Everything the consumer publishes fails like that, until the end of the test. */
function answerAll(t: TestContext, fake: FakeBroker, failure?: PublishFailure): void {
  const answering = setInterval(() => {
    for (let one = 0; one < 200; one += 1) fake.confirm(failure);
  }, 5);
  t.after(() => clearInterval(answering));
}

const blocked = { kind: 'blocked', reason: 'short of memory' } as const;

test('more poison than may wait while the broker takes nothing is handed over, without a copy', async (t) => {
  const fake = consuming(
    t,
    handles(anything, async () => undefined),
  );
  await turn();
  const ids = deliverAll(fake, halfOfPlaces + 10, '{');
  answerAll(t, fake, blocked);
  await until('enough is handed over', () => fake.handedOver.length >= 10);
  assert.ok(fake.handedOver.every((id) => ids.includes(id)));
  assert.equal(new Set(fake.handedOver).size, fake.handedOver.length, 'each once');
  assert.deepEqual(fake.acked, [], 'no copy is confirmed');
});

test('poison that may wait keeps its reason: it waits for the copy, whatever keeps that', async (t) => {
  const fake = consuming(
    t,
    handles(anything, async () => undefined),
  );
  await turn();
  deliverAll(fake, halfOfPlaces - 1, '{');
  answerAll(t, fake, blocked);
  await until('each is published again', () => fake.published.length > 4 * halfOfPlaces);
  assert.deepEqual([fake.handedOver, fake.acked], [[], []]);
});

for (const kind of ['unroutable', 'nacked', 'closed', 'late'] as const) {
  test(`poison is not handed over, however much there is, while its copy is ${kind}: it could be lost`, async (t) => {
    const fake = consuming(
      t,
      handles(anything, async () => undefined),
    );
    await turn();
    deliverAll(fake, halfOfPlaces + 10, '{');
    answerAll(t, fake, { kind, reason: 'for some reason' });
    await until('each is published again', () => fake.published.length > 4 * halfOfPlaces);
    assert.deepEqual([fake.handedOver, fake.acked], [[], []]);
  });
}

test('more messages than may wait for a lock go to the end of the queue, as they were, and are acked when they are there', async (t) => {
  const fake = consuming(t, {
    check: () => undefined,
    handle: async (events) => ({ left: events }),
  });
  await turn();
  const ids = deliverAll(fake, halfOfPlaces + 10, '{}');
  await until('some are put back', () => fake.published.length >= 5);
  assert.deepEqual(fake.acked, [], 'nothing is confirmed');
  const [copy] = fake.published;
  assert.deepEqual([copy?.exchange, copy?.routingKey, copy?.content.toString()], ['', 'q', '{}']);
  assert.ok(ids.includes(String(copy?.options.messageId)));
  assert.equal(copy?.options.type, 'ORDER_CREATED');
  assert.deepEqual(copy?.options.headers, { traceparent, 'x-alone': false });
  answerAll(t, fake);
  await until('they are acked', () => fake.acked.length >= 5);
  await until('no more than may wait is left', () => fake.acked.length >= 10);
  const putBack = fake.published.map(({ options }) => options.messageId);
  assert.ok(fake.acked.every((id) => putBack.includes(id)));
});

test('what cannot be put back stays, and takes effect once its lock is gone', async (t) => {
  let locked = true;
  const fake = consuming(t, {
    check: () => undefined,
    handle: async (events) => ({ left: locked ? events : [] }),
  });
  await turn();
  deliverAll(fake, halfOfPlaces + 10, '{}');
  answerAll(t, fake, blocked);
  await until('putting back fails', () => fake.published.length >= 20);
  assert.deepEqual(fake.acked, []);
  locked = false;
  await until('all are acked', () => fake.acked.length === halfOfPlaces + 10);
  assert.deepEqual(fake.handedOver, []);
});

test('what was put back after it failed with others gets a transaction of its own at once', async (t) => {
  const batches: number[] = [];
  const fake = fakeBroker();
  const consumer = startConsumer({
    broker: fake.broker,
    queue: 'q',
    sql: fakeDatabase(),
    logger: pino({ level: 'silent' }),
    handlers: {
      ORDER_CREATED: {
        check: () => undefined,
        handle: async (events) => {
          batches.push(events.length);
          return {};
        },
      },
    },
    concurrency: 1,
    batchSize: 10,
  });
  t.after(() => consumer.close());
  await turn();
  fake.deliver({ messageId: randomUUID(), content: '{}', headers: { 'x-alone': true } });
  fake.deliver({ messageId: randomUUID(), content: '{}' });
  fake.deliver({ messageId: randomUUID(), content: '{}', headers: { 'x-alone': false } });
  await until('all are acked', () => fake.acked.length === 3);
  assert.deepEqual(batches.toSorted(), [1, 2]);
});
