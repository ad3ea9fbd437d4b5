/** Events on their way: in the outboxes, at the broker, and of which orders they are. */

import { setTimeout as delay } from 'node:timers/promises';
import { eventRoute, maxId } from '@microshop/topology';
import type { ChannelModel } from 'amqplib';
import { connected, depthOf, eventQueues } from '../dead-letters/queues.ts';
import type { DeadLetter } from '../dead-letters/schemas.ts';
import { type Found, finder, isUnread, namedAtMost, type Unread, unreadFor } from './found.ts';
import type { AuditSources, Snapshot } from './sources.ts';

/** What has not left an outbox. */
export interface Outbox {
  /** Events that will leave by themselves. */
  readonly waiting: number;
  /** Those that cannot, with their reason. */
  readonly setAside: Found;
  /** Orders whose own event is one of those. */
  readonly setAsideOrders: readonly number[];
}

interface SetAsideRow {
  readonly message_id: string;
  readonly type: string;
  readonly order_id: number | null;
  readonly reason: string | null;
}

/** An order's id in an event; null where the body has none that an order can have. */
export const orderIdSql = `case when body ->> 'order_id' ~ '^[0-9]{1,10}$'
  then nullif(least((body ->> 'order_id')::bigint, ${maxId + 1}), ${maxId + 1})::integer end`;

/** Reads an outbox. */
export async function readOutbox(snapshot: Snapshot): Promise<Outbox> {
  const [counted] = await snapshot.query<{ waiting: number }>(
    'select count(*)::integer as waiting from outbox where published_at is null and failed_at is null',
  );
  const setAside = finder();
  const orders: number[] = [];
  for await (const rows of snapshot.pages<SetAsideRow>(
    `select message_id, type, ${orderIdSql} as order_id, last_error as reason from outbox
     where failed_at is not null order by id`,
  )) {
    for (const { message_id: messageId, type, order_id: orderId, reason } of rows) {
      setAside.add(
        `${type} ${messageId} (order ${orderId ?? 'unknown'}) cannot be published: ${reason ?? 'no reason'}`,
      );
      if (orderId !== null) orders.push(orderId);
    }
  }
  return { waiting: counted?.waiting ?? 0, setAside: setAside.found(), setAsideOrders: orders };
}

/** Whose event a message is. */
interface OwnedMessage {
  readonly message_id: string;
  readonly type: string;
  readonly order_id: number | null;
}

/** An event as its outbox knows it, while it does. */
function ownersOf(snapshot: Snapshot, letters: readonly DeadLetter[]): Promise<OwnedMessage[]> {
  return snapshot.query<OwnedMessage>(
    `select message_id, type, ${orderIdSql} as order_id from outbox where message_id = any($1::uuid[])`,
    [letters.map(({ id }) => id)],
  );
}

/** Where an event's id and type are looked up. */
export interface EventSources {
  readonly orders: Snapshot | Unread;
  readonly products: Snapshot | Unread;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Orders whose own event is in a dead-letter queue: the message has the id of an event that its service wrote for that
 * order, and lies where that event would. What a message says of itself counts for nothing.
 *
 * An `ORDER_CREATED` stays in its outbox until its order has ended. An answer of products is forgotten minutes after it was
 * published: then it is known by the trace of its order, which no other message belongs to.
 */
export async function deadOrders(letters: readonly DeadLetter[], from: EventSources): Promise<Set<number>> {
  const dead = new Set<number>();
  const named = letters.filter(({ id }) => uuid.test(id));
  const lying = new Set(named.map(({ id, queue }) => `${queue} ${id.toLowerCase()}`));
  const owned = async (snapshot: Snapshot | Unread): Promise<OwnedMessage[]> =>
    isUnread(snapshot) || named.length === 0 ? [] : await ownersOf(snapshot, named);
  const events = [...(await owned(from.orders)), ...(await owned(from.products))];
  for (const { message_id: id, type, order_id: orderId } of events) {
    const queue = queueOf(type);
    if (orderId !== null && queue !== undefined && lying.has(`${queue} ${id}`)) dead.add(orderId);
  }
  const known = new Set(events.map((event) => event.message_id));
  for (const orderId of await forgottenAnswers(
    named.filter(({ id }) => !known.has(id.toLowerCase())),
    from.orders,
  ))
    dead.add(orderId);
  return dead;
}

function queueOf(type: string): string | undefined {
  return eventTypes.find((route) => route.type === type)?.queue;
}

const answerTypes = ['STOCK_RESERVED', 'STOCK_REJECTED'] as const;
const eventTypes = [eventRoute('ORDER_CREATED'), ...answerTypes.map(eventRoute)];

/** Answers that products no longer has, by the trace that the order's own event is in. */
async function forgottenAnswers(
  letters: readonly DeadLetter[],
  orders: Snapshot | Unread,
): Promise<number[]> {
  const answers = letters.filter(
    ({ type, queue, order_id: orderId, trace_id: traceId }) =>
      orderId !== null &&
      traceId !== null &&
      answerTypes.some((known) => known === type && queueOf(known) === queue),
  );
  if (isUnread(orders) || answers.length === 0) return [];
  const rows = await orders.query<{ order_id: number }>(
    `select letter.order_id from unnest($1::bigint[], $2::text[]) as letter (order_id, trace_id)
     join outbox on type = 'ORDER_CREATED' and ${orderIdSql} = letter.order_id
       and split_part(headers ->> 'traceparent', '-', 2) = letter.trace_id`,
    [answers.map((letter) => letter.order_id), answers.map((letter) => letter.trace_id)],
  );
  return rows.map((row) => Number(row.order_id));
}

/** Orders that have not ended. */
export interface Pending {
  /** All of them. */
  readonly count: number;
  /** Not excused, and placed so lately that they are on their way at any rate. */
  readonly young: number;
  /** Those that nothing excuses. */
  readonly unexcused: Found;
}

/** Age from which an order that is still pending counts, seconds: a younger one may be on its way at any rate. */
const youngSeconds = 5;

/** Reads them; `excused` are orders whose own event is dead or set aside. */
export async function readPending({ query }: Snapshot, excused: readonly number[]): Promise<Pending> {
  const [counted] = await query<{ count: number; young: number; unexcused: number }>(
    `select count(*)::integer as count,
       count(*) filter (
         where id <> all($1::integer[]) and created_at > clock_timestamp() - ${youngSeconds} * interval '1 second'
       )::integer as young,
       count(*) filter (where id <> all($1::integer[]))::integer as unexcused
     from orders where status = 'PENDING'`,
    [excused],
  );
  const first = await query<{ id: number }>(
    `select id from orders where status = 'PENDING' and id <> all($1::integer[]) order by id limit $2`,
    [excused, namedAtMost],
  );
  const stuck = finder();
  stuck.addMany(
    counted?.unexcused ?? 0,
    first.map(({ id }) => `order ${id}`),
  );
  return { count: counted?.count ?? 0, young: counted?.young ?? 0, unexcused: stuck.found() };
}

/** Events that wait in a queue for a consumer. */
export interface QueueDepth {
  readonly queue: string;
  readonly ready: number;
}

/** Reads how many events wait in each queue, over that connection; each can be unread by itself. */
export function depthsOn(connection: ChannelModel): Promise<(QueueDepth | Unread)[]> {
  return Promise.all(
    eventQueues.map(async (queue) => {
      try {
        return { queue, ready: await depthOf(connection, queue) };
      } catch (error) {
        return unreadFor(queue, error);
      }
    }),
  );
}

/** The same over a connection of its own. */
export async function readDepths(sources: AuditSources): Promise<(QueueDepth | Unread)[]> {
  try {
    return await connected(sources, depthsOn);
  } catch (error) {
    // one reason, however many queues it has
    return eventQueues.map(() => unreadFor('RabbitMQ', error));
  }
}

/** Time the management API may take, milliseconds. */
const managementTimeoutMs = 5000;

/**
 * Events that consumers hold now. When there are none it asks once more, as much later as statistics are late: what was
 * taken before the first question is seen by the second.
 */
export async function heldMessages(sources: AuditSources): Promise<number> {
  const now = await unackedMessages(sources);
  if (now > 0) return now;
  await delay(sources.statisticsLateMs);
  return await unackedMessages(sources);
}

/**
 * Events that a consumer holds and has not acked, as the statistics tell. AMQP does not tell; the management API does,
 * late, so this is asked only where it decides.
 */
export async function unackedMessages(sources: AuditSources): Promise<number> {
  const counts = await unackedByQueue(sources);
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** The same for each queue, by its name. */
export async function unackedByQueue(sources: AuditSources): Promise<ReadonlyMap<string, number>> {
  const { username, password } = await sources.brokerCredentials();
  const counts = await Promise.all(
    eventQueues.map(async (queue): Promise<[string, number]> => {
      const response = await fetch(`${sources.managementUrl}/api/queues/%2F/${queue}`, {
        headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
        signal: AbortSignal.timeout(managementTimeoutMs),
      });
      if (!response.ok) throw new Error(`RabbitMQ's management API answered ${response.status} for ${queue}`);
      const body: unknown = await response.json();
      // absent until the first statistics of a new queue
      if (typeof body !== 'object' || body === null || !('messages_unacknowledged' in body))
        return [queue, 0];
      return [queue, Number(body.messages_unacknowledged)];
    }),
  );
  return new Map(counts);
}
