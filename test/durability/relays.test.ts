/** Relays beside each other, relays that die, and rows that can never leave. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Database } from '@microshop/database';
import { type Broker, insertOutbox, type OutboxMessage, startRelay } from '@microshop/events';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { migrations } from '../../services/orders/src/store/migrations.ts';
import { messagesIn, onChannel } from '../harness/broker.ts';
import {
  quiet,
  type ScratchQueue,
  scratchBroker,
  scratchDatabase,
  scratchQueue,
} from '../harness/scratch.ts';

let broker: Broker;
let database: Database;
let queue: ScratchQueue;
before(async () => {
  [broker, database, queue] = await Promise.all([
    scratchBroker(),
    scratchDatabase(migrations),
    scratchQueue(),
  ]);
});
after(async () => {
  await broker.close();
  await queue.remove();
  await database.close();
});

function event(body: Record<string, unknown> = {}): OutboxMessage {
  return {
    messageId: randomUUID(),
    type: 'ORDER_CREATED',
    routingKey: queue.routingKey,
    body,
    headers: {},
  };
}

async function waitingRows(): Promise<number> {
  const rows = await database.sql.query(
    'select 1 from outbox where published_at is null and failed_at is null',
  );
  return rows.length;
}

/** Takes everything out of the queue; ids as often as they came. */
function takeIds(): Promise<string[]> {
  return onChannel(async (channel) => {
    const ids: string[] = [];
    for (;;) {
      const message = await channel.get(queue.name, { noAck: true });
      if (message === false) return ids;
      ids.push(String(message.properties.messageId));
    }
  });
}

test('four relays share 1,000 rows: each leaves, and none twice while no relay dies', async () => {
  const events = Array.from({ length: 1000 }, () => event());
  await insertOutbox(database.sql, events);
  const relays = Array.from({ length: 4 }, () => startRelay({ sql: database.sql, broker, logger: quiet }));
  try {
    await eventuallyDespiteErrors(
      'all have left',
      async () => ((await waitingRows()) === 0 ? true : undefined),
      60_000,
    );
  } finally {
    await Promise.all(relays.map((relay) => relay.close()));
  }
  const ids = await takeIds();
  assert.equal(ids.length, 1000);
  assert.deepEqual(new Set(ids), new Set(events.map(({ messageId }) => messageId)));
});

test('the rows of a relay that died are left alone as long as they are leased, and leave afterwards', async () => {
  const events = [event(), event()];
  await insertOutbox(database.sql, events);
  // as a relay leaves them that was killed between its lease and the broker
  await database.sql.query(
    `update outbox set claimed_until = clock_timestamp() + interval '3 seconds' where published_at is null`,
  );
  const relay = startRelay({ sql: database.sql, broker, logger: quiet });
  try {
    await eventuallyDespiteErrors('they have left', async () =>
      (await waitingRows()) === 0 ? true : undefined,
    );
    const rows = await database.sql.query<{ in_time: boolean }>(
      `select published_at - created_at >= interval '2.5 seconds' as in_time from outbox
       where message_id = any($1::uuid[])`,
      [events.map(({ messageId }) => messageId)],
    );
    assert.deepEqual(rows, [{ in_time: true }, { in_time: true }]);
  } finally {
    await relay.close();
  }
  assert.equal((await takeIds()).length, 2);
});

test('a row that fits no message is set aside with its reason; those around it leave', async () => {
  const bad = { ...event(), routingKey: 'k'.repeat(300) };
  await insertOutbox(database.sql, [event(), bad, event()]);
  const relay = startRelay({ sql: database.sql, broker, logger: quiet });
  try {
    await eventuallyDespiteErrors('nothing waits', async () =>
      (await waitingRows()) === 0 ? true : undefined,
    );
  } finally {
    await relay.close();
  }
  const aside = await database.sql.query<{ message_id: string; last_error: string }>(
    'select message_id, last_error from outbox where failed_at is not null',
  );
  assert.deepEqual(
    aside.map((row) => row.message_id),
    [bad.messageId],
  );
  assert.match(aside[0]?.last_error ?? '', /routing|string|long|255/i);
  assert.equal(await messagesIn(queue.name), 2);
  await takeIds();
});

test('published rows are pruned, those that wait or were set aside are kept', async () => {
  await database.sql.query('truncate outbox');
  const [old, young, waiting] = [event(), event(), event()];
  await queue.unbind();
  await insertOutbox(database.sql, [old, young, waiting]);
  await database.sql.query(
    `update outbox set published_at = clock_timestamp() - interval '1 hour' where message_id = $1`,
    [old.messageId],
  );
  await database.sql.query('update outbox set published_at = clock_timestamp() where message_id = $1', [
    young.messageId,
  ]);
  const relay = startRelay({ sql: database.sql, broker, logger: quiet });
  try {
    await eventuallyDespiteErrors('the old row is gone', async () => {
      const rows = await database.sql.query('select 1 from outbox');
      return rows.length === 2 ? true : undefined;
    });
  } finally {
    await relay.close();
    await queue.bind();
  }
});
