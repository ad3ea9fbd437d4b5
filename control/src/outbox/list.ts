/** What has not left the outboxes, or left and never arrived. */
import { eventRoute, outboxServices } from '@microshop/topology';
import type { ChannelModel } from 'amqplib';
import { deadOrders, depthsOn, orderIdSql, unackedMessages } from '../audit/events.ts';
import { isUnread, unreadFor } from '../audit/found.ts';
import { type AuditSources, inKeptSnapshot, type Snapshot } from '../audit/sources.ts';
import { type DeadLetterBook, everyLetter } from '../dead-letters/book.ts';
import { connected } from '../dead-letters/queues.ts';
import type { DeadLetter } from '../dead-letters/schemas.ts';
import { lostAfterMs, type OutboxList, type SetAside } from './schemas.ts';

/** Events named at most, of each kind; the counts count all. */
const namedAtMost = 1000;

/** Reads it; changes nothing. Throws when a database or the broker cannot be read. */
export async function listOutboxes(
  sources: AuditSources,
  book: DeadLetterBook,
  olderThanMs = lostAfterMs,
): Promise<OutboxList> {
  const reading = Promise.all(outboxServices.map((name) => readOutboxOf(sources, name)));
  // the broker is connected to meanwhile
  const [, list] = await Promise.all([
    reading,
    onBroker(sources, async (connection): Promise<OutboxList> => {
      // outboxes, queues, orders: the way of an event; it is lost when it is found nowhere on it
      const outboxes = await reading;
      const setAside = outboxes.flatMap((outbox) => outbox.setAside);
      const waiting = sumOf(outboxes.map((outbox) => outbox.waiting));
      const underWay = await messagesUnderWay(sources, connection);
      const lost =
        waiting + underWay > 0
          ? { count: 0, orders: [] }
          : await lostOrders(sources, await everyLetter(book, connection), setAside, olderThanMs);
      return {
        waiting,
        set_aside_count: sumOf(outboxes.map((outbox) => outbox.count)),
        set_aside: setAside,
        lost_count: lost.count,
        lost: lost.orders,
        under_way: underWay,
      };
    }),
  ]);
  return list;
}

/** Runs the work on a connection to the broker, and names it where there is none. */
async function onBroker<T>(
  sources: AuditSources,
  work: (connection: ChannelModel) => Promise<T>,
): Promise<T> {
  let isConnected = false;
  return await connected(sources, async (connection) => {
    isConnected = true;
    return await work(connection);
  }).catch((error: unknown) => {
    throw isConnected ? error : new Error(unreadFor('RabbitMQ', error).unread, { cause: error });
  });
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Events in an outbox that have not left it. */
export interface OutboxCount {
  /** Those that will leave by themselves, and the age of the oldest, seconds; null when there is none. */
  readonly waiting: number;
  readonly oldest_s: number | null;
  readonly set_aside: number;
}

/** Counts them. */
export async function countOutbox({ query }: Snapshot): Promise<OutboxCount> {
  const waits = 'from outbox where published_at is null and failed_at is null';
  const [counted] = await query<OutboxCount>(
    `select (select count(*) ${waits})::integer as waiting,
       (select extract(epoch from clock_timestamp() - min(created_at)) ${waits})::float8 as oldest_s,
       (select count(*) from outbox where failed_at is not null)::integer as set_aside`,
  );
  return counted ?? { waiting: 0, oldest_s: null, set_aside: 0 };
}

function readOutboxOf(sources: AuditSources, name: SetAside['service']) {
  return inKeptSnapshot(sources, name, async (snapshot) => {
    const { waiting, set_aside: count } = await countOutbox(snapshot);
    const rows = await snapshot.query<Omit<SetAside, 'service'>>(
      `select message_id, type, ${orderIdSql} as order_id, coalesce(last_error, 'no reason') as reason,
         extract(epoch from clock_timestamp() - created_at)::float8 as age_s
       from outbox where failed_at is not null order by id limit $1`,
      [namedAtMost],
    );
    const setAside = rows.map((row): SetAside => ({ service: name, ...row }));
    return { waiting, count, setAside };
  });
}

async function messagesUnderWay(sources: AuditSources, connection: ChannelModel): Promise<number> {
  const depths = await depthsOn(connection);
  const unread = depths.filter(isUnread).map((queue) => queue.unread);
  if (unread.length > 0) throw new Error(unread.join('; '));
  const ready = sumOf(depths.map((queue) => (isUnread(queue) ? 0 : queue.ready)));
  return ready + (await unackedMessages(sources));
}

/** Pending orders whose event was published long ago, and is neither dead nor set aside. */
async function lostOrders(
  sources: AuditSources,
  letters: readonly DeadLetter[],
  setAside: readonly SetAside[],
  olderThanMs: number,
): Promise<{ count: number; orders: OutboxList['lost'] }> {
  const known = setAside.flatMap((row) => (row.order_id === null ? [] : [row.order_id]));
  return await inKeptSnapshot(sources, 'orders', (orders) =>
    inKeptSnapshot(sources, 'products', async (products) => {
      const elsewhere = [...known, ...(await deadOrders(letters, { orders, products }))];
      const rows = await orders.query<OutboxList['lost'][number] & { count: number }>(
        `select orders.id as order_id, message_id, count(*) over ()::integer as count,
           extract(epoch from clock_timestamp() - coalesce(published_at, orders.created_at))::float8 as age_s
         from orders left join outbox as event
           on event.type = '${eventRoute('ORDER_CREATED').type}' and event.body ->> 'order_id' = orders.id::text
         where status = 'PENDING' and orders.id <> all($1::integer[])
           and coalesce(published_at, orders.created_at) < clock_timestamp() - $2 * interval '1 millisecond'
         order by orders.id limit $3`,
        [elsewhere, olderThanMs, namedAtMost],
      );
      return {
        count: rows[0]?.count ?? 0,
        orders: rows.map(({ order_id, message_id, age_s }) => ({ order_id, message_id, age_s })),
      };
    }),
  );
}
