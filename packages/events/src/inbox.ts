/** The inbox: which messages have taken effect. */

import type { Sql } from '@microshop/database/sql';
import type { EventEnvelope } from './message.ts';

/** The table, for a service's first migration: messages that have taken effect; the row is written in the transaction of the effect. */
export const inboxTableSql = `
  create table inbox (
    message_id uuid primary key,
    type text not null,
    received_at timestamptz not null default clock_timestamp()
  );
  create index inbox_received_idx on inbox (received_at)`;

/**
 * Records messages in the transaction of their effect; returns those that are new, each id once. A message that another
 * transaction is recording makes this one wait for it. Ids are sorted so that two batches never wait for each other.
 */
export async function recordMessages<E extends EventEnvelope<unknown>>(
  tx: Sql,
  events: readonly E[],
): Promise<E[]> {
  const byId = new Map(events.map((event) => [event.messageId, event]));
  const sorted = [...byId.values()].sort((one, other) => (one.messageId < other.messageId ? -1 : 1));
  const recorded = await tx.query<{ message_id: string }>(
    `insert into inbox (message_id, type) select * from unnest($1::uuid[], $2::text[])
     on conflict do nothing returning message_id`,
    [sorted.map((event) => event.messageId), sorted.map((event) => event.type)],
  );
  const fresh = new Set(recorded.map((row) => row.message_id));
  return [...byId.values()].filter((event) => fresh.has(event.messageId));
}

/** Removes records of the same transaction: these messages have changed nothing and will be redelivered. */
export async function forgetMessages(tx: Sql, messageIds: readonly string[]): Promise<void> {
  await tx.query('delete from inbox where message_id = any($1::uuid[])', [messageIds]);
}

/**
 * Days a record is kept. A duplicate comes from the broker when its consumer is back, or from a relay that died before
 * it marked the row: within minutes, or as long as a service stays down. Behind the inbox there is a second guard (the
 * outcome kept for each order, an order that ends once), so that even later nothing takes effect twice.
 */
const keepDays = 7;

/** Rows deleted at a time. */
const pruneCount = 1000;

/** Deletes records of messages that cannot be redelivered. Returns whether there may be more. */
export async function pruneInbox(sql: Sql): Promise<boolean> {
  const deleted = await sql.query(
    `delete from inbox where message_id in (
       select message_id from inbox
       where received_at < clock_timestamp() - $1 * interval '1 day'
       order by received_at limit $2 for update skip locked
     ) returning message_id`,
    [keepDays, pruneCount],
  );
  return deleted.length === pruneCount;
}
