/** What becomes of deliveries is passed on by return values, while they themselves stay as they are. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { pino } from 'pino';
import { Type } from 'typebox';
import type { Delivery } from './delivery.ts';
import { createEffects } from './effects.ts';
import { type EventHandler, handles } from './handler.ts';
import { fakeChannel } from './testing/fake-broker.ts';
import { fakeDatabase } from './testing/fake-database.ts';
import { messageOf } from './testing/message.ts';

/** A frozen delivery. */
function delivery(content = '{}'): Delivery {
  const lane = Object.freeze({ channel: fakeChannel(), open: true, held: new Set<never>() });
  const message = messageOf({ messageId: randomUUID(), type: 'ORDER_CREATED' }, content);
  return Object.freeze({ lane, message, context: ROOT_CONTEXT, alone: false, unexpected: 0, postponed: 0 });
}

function effectsOf(handler: EventHandler, afterCommit = () => {}) {
  return createEffects({
    queue: 'q',
    sql: fakeDatabase(),
    logger: pino({ level: 'silent' }),
    handlers: { ORDER_CREATED: handler },
    afterCommit,
    closing: new AbortController().signal,
  });
}

test('poison, an effect and one that is left: each has its outcome, and what is kept for the commit is done', async () => {
  const [poison, sound, locked] = [delivery('{'), delivery(), delivery()];
  const told: string[] = [];
  const handler = handles(Type.Object({}), async (event) =>
    event.messageId === locked.message.properties.messageId
      ? { left: [event] }
      : { afterCommit: [() => told.push(event.messageId)] },
  );
  const settled = await effectsOf(handler, () => told.push('committed')).run([sound, poison, locked]);
  assert.deepEqual(
    settled.map(({ delivery: { message }, outcome }) => [message, outcome]),
    [
      [poison.message, { reason: 'the body is not JSON' }],
      [sound.message, 'done'],
      [locked.message, 'later'],
    ],
  );
  assert.deepEqual(told, [sound.message.properties.messageId, 'committed']);
});

test('a batch that fails goes on as messages that are alone, and one that fails alone three times is poison', async () => {
  const effects = effectsOf(
    handles(Type.Object({}), async () => {
      throw new Error('each time');
    }),
  );
  const batch = [delivery(), delivery()];
  const together = await effects.run(batch);
  assert.deepEqual(
    together.map(({ delivery: { message, alone, unexpected }, outcome }) => [
      batch.findIndex((one) => one.message === message),
      { alone, unexpected, outcome },
    ]),
    [
      [0, { alone: true, unexpected: 0, outcome: 'later' }],
      [1, { alone: true, unexpected: 0, outcome: 'later' }],
    ],
  );
  let [next] = together;
  for (const unexpected of [1, 2]) {
    assert.ok(next !== undefined);
    [next] = await effects.run([Object.freeze(next.delivery)]);
    assert.deepEqual([next?.outcome, next?.delivery.unexpected], ['later', unexpected]);
  }
  assert.ok(next !== undefined);
  [next] = await effects.run([Object.freeze(next.delivery)]);
  assert.deepEqual(next?.outcome, { reason: 'each time' });
});
