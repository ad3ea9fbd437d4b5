/** Orders of users that do not exist. */
import { type Found, finder, namedAtMost } from './found.ts';
import type { Snapshot } from './snapshot.ts';

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
