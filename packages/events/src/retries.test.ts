/** How requests to an outbox are answered when broker and database answer as the test wants. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { serveRetries } from './retries.ts';
import { fakeBroker } from './testing/fake-broker.ts';
import { fakeDatabase } from './testing/fake-database.ts';

test('an answer leaves as any message does, never over the connection that consumes: the broker may stop it', async (t) => {
  const fake = fakeBroker();
  const served = serveRetries({
    service: 'orders',
    sql: fakeDatabase(),
    broker: fake.broker,
    logger: pino({ level: 'silent' }),
    wake: () => undefined,
  });
  t.after(() => served.close());
  await turn();
  const request = JSON.stringify({ message_ids: [], order_ids: [] });
  fake.deliver({ messageId: 'request 1', content: request, replyTo: 'answers' });
  for (let look = 0; fake.published.length === 0; look += 1) {
    assert.ok(look < 400, 'it is answered');
    await delay(5);
  }
  const [answer] = fake.published;
  assert.deepEqual([answer?.exchange, answer?.routingKey], ['', 'answers']);
  assert.equal(answer?.options.correlationId, 'request 1');
  assert.deepEqual(JSON.parse(answer.content.toString()), { events: [] });
  fake.confirm({ kind: 'blocked', reason: 'short of memory' });
});
