/** What a consumer does with its deliveries when broker and database answer as the test wants. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { Type } from 'typebox';
import { startConsumer } from './consumer.ts';
import { type EventHandler, handles } from './handler.ts';
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
