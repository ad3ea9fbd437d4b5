/**
 * Orders judged by what they name: one order for each idempotency key, as the ledger has it, and of users that exist.
 */
import { type Found, finder, namedAtMost } from './found.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Snapshot } from './sources.ts';

/** What can be wrong with keys and acknowledged orders. */
export interface KeyFindings {
  /** Acknowledged orders that do not exist, or are another key's. */
  readonly lost: Found;
  readonly twice: Found;
  /** A key whose every answer was a refusal has an order. */
  readonly refused: Found;
}

/** Entries of a ledger asked at a time. */
const entriesAtOnce = 5000;

/** Judges the keys of all orders, and those of a ledger. */
export async function judgeKeys(
  orders: Snapshot,
  ledger: readonly LedgerEntry[] | undefined,
): Promise<KeyFindings> {
  const twice = finder();
  for await (const rows of keysWithTwoRows(orders)) {
    for (const { key, ids } of rows) twice.add(`key ${key}: orders ${ids.join(', ')}`);
  }
  const { lost, two, refused } = await judgeLedger(orders, ledger ?? []);
  for (const text of two) twice.add(text);
  return { lost, twice: twice.found(), refused };
}

interface KeyRow {
  readonly key: string;
  readonly ids: readonly number[];
}

/**
 * Keys with several orders. A valid unique index is the server's own word that there are none, kept at every write;
 * without one all keys are compared.
 */
async function* keysWithTwoRows(orders: Snapshot): AsyncGenerator<KeyRow[]> {
  const unique = await orders.query(
    `select from pg_index join pg_attribute on attrelid = indrelid and attnum = indkey[0]
     where indrelid = 'orders'::regclass and attname = 'idempotency_key'
       and indisunique and indisvalid and indisready and indnkeyatts = 1 and indpred is null`,
  );
  if (unique.length > 0) return;
  yield* orders.pages<KeyRow>(
    `select idempotency_key as key, array_agg(id order by id) as ids from orders
     where idempotency_key is not null group by 1 having count(*) > 1 order by min(id)`,
  );
}

/** The orders a ledger names. Other failures than refusals (no answer, 5xx) say nothing: the order may have been written. */
async function judgeLedger(orders: Snapshot, ledger: readonly LedgerEntry[]) {
  const acknowledged = new Map<string, Set<number>>();
  const allRefused = new Map<string, boolean>();
  for (const { key, order_id: orderId, status } of ledger) {
    allRefused.set(key, (allRefused.get(key) ?? true) && isRefusal(status));
    if (status !== 201 || orderId === null) continue;
    const known = acknowledged.get(key) ?? new Set();
    acknowledged.set(key, known.add(orderId));
  }

  const lost = finder();
  const pairs = [...acknowledged].flatMap(([key, ids]) => [...ids].map((id) => ({ key, id })));
  for (const some of chunks(pairs)) {
    const missing = await orders.query<{ key: string; id: number }>(
      `select asked.key, asked.id from unnest($1::text[], $2::bigint[]) with ordinality as asked (key, id, number)
       left join orders on orders.id = asked.id and idempotency_key = asked.key
       where orders.id is null order by number`,
      [some.map(({ key }) => key), some.map(({ id }) => id)],
    );
    for (const { key, id } of missing) lost.add(`order ${id} (key ${key})`);
  }

  const refused = finder();
  const two = new Map<string, Set<number>>();
  for (const [key, ids] of acknowledged) if (ids.size > 1) two.set(key, ids);
  for (const some of chunks([...allRefused.keys()])) {
    const rows = await orders.query<KeyRow>(
      `select idempotency_key as key, array_agg(id order by id) as ids from orders
       where idempotency_key = any($1::text[]) group by 1 order by min(id)`,
      [some],
    );
    for (const { key, ids } of rows) {
      if (allRefused.get(key) === true)
        for (const id of ids) refused.add(`order ${id} (key ${key} was refused)`);
      const all = new Set([...(acknowledged.get(key) ?? []), ...ids]);
      // a key with several rows is reported with or without a ledger
      if (ids.length > 1) two.delete(key);
      else if (all.size > 1) two.set(key, all);
    }
  }
  const texts = [...two].map(
    ([key, ids]) => `key ${key}: orders ${[...ids].sort((one, other) => one - other).join(', ')}`,
  );
  return { lost: lost.found(), two: texts, refused: refused.found() };
}

/** The key has an order, of another body: a 422 is about that request only. */
const keyReused = 422;

/** Whether an answer says that the key has no order. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== keyReused;
}

function* chunks<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += entriesAtOnce) yield all.slice(at, at + entriesAtOnce);
}

/** Ids without a gap between them. */
interface Run {
  readonly first: number;
  readonly last: number;
}

/** Ids of users with orders, as runs: ids are given one after the other, so that a run stands for many. */
const runsSql = `
  select min(user_id) as first, max(user_id) as last from (
    select user_id, user_id - row_number() over (order by user_id) as run
    from (select distinct user_id from orders) as buyer
  ) as numbered group by run order by 1`;

const missingSql = `
  select buyer as id from unnest($1::integer[], $2::integer[]) as run (first, last)
  cross join lateral generate_series(run.first, run.last) as buyer
  where (select count(*) from users where id between run.first and run.last) <> run.last - run.first + 1
    and not exists (select from users where users.id = buyer)`;

/** Orders in the one snapshot whose user is not in the other, later one. */
export async function ordersOfNobody(orders: Snapshot, users: Snapshot): Promise<Found> {
  const found = finder();
  for await (const runs of orders.pages<Run>(runsSql)) {
    const missing = await users.query<{ id: number }>(missingSql, [
      runs.map(({ first }) => first),
      runs.map(({ last }) => last),
    ]);
    if (missing.length === 0) continue;
    const ids = missing.map(({ id }) => id);
    const [counted] = await orders.query<{ count: number }>(
      'select count(*)::integer as count from orders where user_id = any($1::integer[])',
      [ids],
    );
    const first = await orders.query<{ id: number; user_id: number }>(
      'select id, user_id from orders where user_id = any($1::integer[]) order by id limit $2',
      [ids, namedAtMost],
    );
    found.addMany(
      counted?.count ?? 0,
      first.map((row) => `order ${row.id} (there is no user ${row.user_id})`),
    );
  }
  return found.found();
}
