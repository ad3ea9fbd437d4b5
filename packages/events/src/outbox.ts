/** The outbox as a relay sees it: lease rows, publish elsewhere, mark what was confirmed. */
import type { TraceHeaders } from './message.ts';
import type { RetriedEvent } from './retries.ts';
import type { Sql } from './sql.ts';

/** A leased row. */
export interface OutboxRow {
  /** `bigint` as text. */
  readonly id: string;
  readonly message_id: string;
  readonly type: string;
  readonly routing_key: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: TraceHeaders;
  /** Milliseconds since the epoch. */
  readonly created_ms: number;
  /** Time since the row was written, milliseconds. */
  readonly wait_ms: number;
}

/** Leases up to `count` rows for that long, oldest first; rows of other relays are skipped. One short statement. */
export function claimRows(sql: Sql, count: number, leaseMs: number): Promise<OutboxRow[]> {
  return sql.query<OutboxRow>(
    `update outbox set claimed_until = clock_timestamp() + $2 * interval '1 millisecond'
     where id in (
       select id from outbox
       where published_at is null and failed_at is null
         and (claimed_until is null or claimed_until < clock_timestamp())
       order by id limit $1 for update skip locked
     )
     returning id, message_id, type, routing_key, body, headers,
       extract(epoch from created_at)::float8 * 1000 as created_ms,
       extract(epoch from clock_timestamp() - created_at)::float8 * 1000 as wait_ms`,
    [count, leaseMs],
  );
}

/** Leases these for that long from now: they are still under way. */
export async function renewLeases(sql: Sql, ids: readonly string[], leaseMs: number): Promise<void> {
  await sql.query(
    `update outbox set claimed_until = clock_timestamp() + $2 * interval '1 millisecond'
     where id = any($1) and published_at is null and failed_at is null`,
    [ids, leaseMs],
  );
}

/** The broker has these. */
export async function markPublished(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.query(
    'update outbox set published_at = clock_timestamp(), claimed_until = null, last_error = null where id = any($1)',
    [ids],
  );
}

/** These were not confirmed: any relay may try them again after that time. */
export async function postpone(
  sql: Sql,
  ids: readonly string[],
  pauseMs: number,
  reason: string,
): Promise<void> {
  await sql.query(
    `update outbox set claimed_until = clock_timestamp() + $2 * interval '1 millisecond', last_error = $3
     where id = any($1)`,
    [ids, pauseMs, reason],
  );
}

/** This row can never be published: it is kept, shown, and no longer tried. */
export async function setAside(sql: Sql, id: string, reason: string): Promise<void> {
  await sql.query(
    'update outbox set failed_at = clock_timestamp(), claimed_until = null, last_error = $2 where id = $1',
    [id, reason],
  );
}

/** Minutes a published row is kept, for those who look. */
const keepPublishedMinutes = 10;

/** Rows deleted at a time, so that a long backlog never makes one long transaction. */
const pruneCount = 1000;

/**
 * Deletes published rows that nobody will look at any more; those for which the SQL condition `keep` holds stay. Returns
 * whether there may be more.
 */
export async function prunePublished(sql: Sql, keep = 'false'): Promise<boolean> {
  const deleted = await sql.query(
    `delete from outbox where id in (
       select id from outbox
       where published_at < clock_timestamp() - $1 * interval '1 minute' and not (${keep})
       order by published_at limit $2 for update skip locked
     ) returning id`,
    [keepPublishedMinutes, pruneCount],
  );
  return deleted.length === pruneCount;
}

/** How an outbox is. */
export interface OutboxState {
  readonly waiting: number;
  /** 0 when none waits. */
  readonly oldestAgeSeconds: number;
  readonly setAside: number;
}

/** Counts what has not left. Both counts are answered from the partial indexes. */
export async function outboxState(sql: Sql): Promise<OutboxState> {
  const [row] = await sql.query<{ waiting: number; oldest: number; set_aside: number }>(
    `select
       (select count(*) from outbox where published_at is null and failed_at is null)::integer as waiting,
       (select coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)
        from outbox where published_at is null and failed_at is null)::float8 as oldest,
       (select count(*) from outbox where failed_at is not null)::integer as set_aside`,
  );
  return {
    waiting: row?.waiting ?? 0,
    oldestAgeSeconds: row?.oldest ?? 0,
    setAside: row?.set_aside ?? 0,
  };
}

/** Rows that were set aside are published again, as any other; those of these message ids. */
export function setAsideAgain(sql: Sql, messageIds: readonly string[]): Promise<RetriedEvent[]> {
  return sql.query(
    `update outbox set failed_at = null, claimed_until = null, last_error = null
     where message_id = any($1::uuid[]) and failed_at is not null
     returning message_id, type, (body ->> 'order_id')::integer as order_id, false as anew`,
    [messageIds],
  );
}
