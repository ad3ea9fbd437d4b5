/**
 * How fast events leave, on the real RabbitMQ and PostgreSQL of a running mesh: confirms in a pipeline against one by
 * one, and the time from the commit of an event to its confirm at 100 events per second.
 *
 *     MESH_INSTANCE=1 node_modules/.bin/node test/durability/relay.bench.ts
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { insertOutbox, type OutboxMessage, startRelay } from '@microshop/events';
import { quantile } from '@microshop/lab/statistics/spread';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { eventExchange } from '@microshop/topology';
import { migrations } from '../../services/orders/src/store/migrations.ts';
import { onChannel } from '../harness/broker.ts';
import { quiet, scratchBroker, scratchDatabase, scratchQueue } from '../harness/scratch.ts';

const inFlight = 256;
const rounds = 5;
const rate = 100;
const seconds = 20;

const [broker, queue, database] = await Promise.all([
  scratchBroker(),
  scratchQueue(),
  scratchDatabase(migrations),
]);

function event(): OutboxMessage {
  return {
    messageId: randomUUID(),
    type: 'ORDER_CREATED',
    routingKey: queue.routingKey,
    body: { order_id: 1, user_id: 1, items: [{ product_id: 1, quantity: 1 }], total_price: 1 },
    headers: {},
  };
}

/** Events confirmed per second, that many in flight. */
async function confirmsPerSecond(count: number, serial: boolean): Promise<number> {
  return await onChannel(async (channel) => {
    const publish = () =>
      new Promise<void>((resolve, reject) => {
        const { messageId, type, body } = event();
        channel.publish(
          eventExchange,
          queue.routingKey,
          Buffer.from(JSON.stringify(body)),
          { messageId, type, persistent: true, mandatory: true },
          (error: unknown) => (error === null || error === undefined ? resolve() : reject(error)),
        );
      });
    const began = performance.now();
    if (serial) for (let sent = 0; sent < count; sent += 1) await publish();
    else await Promise.all(Array.from({ length: count }, publish));
    return count / ((performance.now() - began) / 1000);
  });
}

const median = (values: readonly number[]) => quantile(values, 0.5);

try {
  await confirmsPerSecond(inFlight, false);
  const pairs: { serial: number; pipelined: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    pairs.push({
      serial: await confirmsPerSecond(inFlight, true),
      pipelined: await confirmsPerSecond(inFlight, false),
    });
  }
  console.log(
    `confirms: serial ${median(pairs.map((pair) => pair.serial)).toFixed(0)}/s, ${inFlight} in flight ${median(
      pairs.map((pair) => pair.pipelined),
    ).toFixed(
      0,
    )}/s, ratio ${median(pairs.map((pair) => pair.pipelined / pair.serial)).toFixed(1)} (median of ${rounds} pairs)`,
  );

  const relay = startRelay({ sql: database.sql, broker, logger: quiet });
  const writes: Promise<void>[] = [];
  const began = performance.now();
  for (let written = 0; written < rate * seconds; written += 1) {
    const pause = began + (written * 1000) / rate - performance.now();
    if (pause > 0) await delay(pause);
    writes.push(insertOutbox(database.sql, [event()]).then(relay.wake));
  }
  await Promise.all(writes);
  await eventuallyDespiteErrors('all have left', async () => {
    const rows = await database.sql.query('select 1 from outbox where published_at is null');
    return rows.length === 0 ? true : undefined;
  });
  await relay.close();
  // both times are PostgreSQL's; the mark follows the confirm, so this is a little more than commit to confirm
  const [row] = await database.sql.query<{ p50: number; p99: number; max: number }>(
    `with wait as (select extract(epoch from published_at - created_at)::float8 * 1000 as ms from outbox)
     select percentile_cont(0.5) within group (order by ms) as p50,
       percentile_cont(0.99) within group (order by ms) as p99, max(ms) as max from wait`,
  );
  console.log(
    `commit to confirm at ${rate}/s for ${seconds} s: p50 ${row?.p50.toFixed(1)} ms, p99 ${row?.p99.toFixed(1)} ms, longest ${row?.max.toFixed(1)} ms`,
  );
} finally {
  await broker.close();
  await queue.remove();
  await database.close();
}
