/**
 * Orders that ended a day ago, in the tables of all three databases, as their services leave them: their events have been pruned from
 * the outboxes (minutes), and are still in the inboxes (a week). An audit finds nothing wrong with them.
 */

/** A service with a database. */
type Owner = 'users' | 'products' | 'orders';

/** Runs a statement in the database of that service, outside of a transaction. */
export type TablesSql = <Row>(owner: Owner, text: string, params?: readonly unknown[]) => Promise<Row[]>;

/** Whom the orders are of, and for which products: in turn. */
const users = 1000;
const products = 1000;

/** Pieces of each product before any was ordered, pieces of each order, and the price of a piece, cents. */
const supplied = 1_000_000;
const quantity = 2;
const priceCents = 100;

/** Orders of one statement: a service's connections have 3 s for each. */
const step = 10_000;

/** Share by which the orders in the tables may be more or fewer than wanted: what a run adds to many is nothing. */
const mostOff = 0.05;

/** When they were placed. */
const then = `now() - interval '1 day'`;

/**
 * Leaves so many orders in the tables, and cleans up after what has changed since: where a run has added too many, or none are there,
 * the tables are emptied and filled. No order may be under way.
 */
export async function keepOrders(sql: TablesSql, orders: number): Promise<void> {
  const [found] = await sql<{ count: number }>('orders', 'select count(*)::integer as count from orders');
  if (Math.abs((found?.count ?? 0) - orders) > orders * mostOff) {
    await empty(sql);
    await fill(sql, orders);
  }
  for (const owner of ['users', 'products', 'orders'] as const) await sql(owner, 'vacuum analyze');
}

async function empty(sql: TablesSql): Promise<void> {
  // in the order in which a relay locks them, so that neither waits for the other
  await sql('orders', 'truncate outbox, orders, order_lines, inbox');
  await sql('products', 'truncate outbox, products, stock_movements, order_outcomes, inbox');
  await sql('users', 'truncate users');
}

async function fill(sql: TablesSql, orders: number): Promise<void> {
  const firstUser = await firstOf(sql, 'users', [
    `with made as (
       insert into users (email, name, password_hash)
       select 'buyer-' || n || '@example.com', 'Buyer ' || n, 'none' from generate_series(1, $1::integer) as n
       returning id
     ) select min(id) as first, max(id) as last from made`,
    users,
  ]);
  const firstProduct = await firstOf(sql, 'products', [
    `with made as (
       insert into products (name, price_cents, stock)
       select 'Product ' || n, ${priceCents}, ${supplied} from generate_series(1, $1::integer) as n
       returning id
     ), initial as (
       insert into stock_movements (product_id, delta, kind) select id, ${supplied}, 'initial' from made
     ) select min(id) as first, max(id) as last from made`,
    products,
  ]);
  for (let done = 0; done < orders; done += step) {
    await fillStep(sql, Math.min(step, orders - done), firstUser, firstProduct);
  }
  await sql(
    'products',
    `update products set stock = moved.sum
     from (select product_id, sum(delta)::integer as sum from stock_movements group by product_id) as moved
     where moved.product_id = products.id`,
  );
}

async function fillStep(
  sql: TablesSql,
  count: number,
  firstUser: number,
  firstProduct: number,
): Promise<void> {
  const product = (id: string) => `${firstProduct} + ${id} % ${products}`;
  const first = await firstOf(sql, 'orders', [
    `with placed as (
       insert into orders (user_id, total_cents, status, created_at, ended_at, idempotency_key, request_hash)
       select ${firstUser} + n % ${users}, ${quantity * priceCents}, 'CONFIRMED', ${then},
         ${then} + interval '1 second', gen_random_uuid()::text, sha256(n::text::bytea)
       from generate_series(1, $1::integer) as n
       returning id
     ), line as (
       insert into order_lines (order_id, line_number, product_id, quantity, price_cents)
       select id, 1, ${product('id')}, ${quantity}, ${priceCents} from placed
     ) select min(id) as first, max(id) as last from placed`,
    count,
  ]);
  const range = [first, first + count - 1];
  const ids = 'generate_series($1::integer, $2::integer) as id';
  await sql(
    'products',
    `with moved as (
       insert into stock_movements (product_id, delta, kind, order_id, created_at)
       select ${product('id')}, -${quantity}, 'reserved', id, ${then} from ${ids}
     )
     insert into order_outcomes (order_id, created_at) select id, ${then} from ${ids}`,
    range,
  );
  for (const [owner, type] of [
    ['products', 'ORDER_CREATED'],
    ['orders', 'STOCK_RESERVED'],
  ] as const) {
    await sql(
      owner,
      `insert into inbox (message_id, type, received_at)
       select gen_random_uuid(), '${type}', ${then} from ${ids}`,
      range,
    );
  }
}

/** Runs a statement that makes so many rows, and gives the first id of them. Throws when their ids do not follow each other. */
async function firstOf(
  sql: TablesSql,
  owner: Owner,
  [text, count]: readonly [string, number],
): Promise<number> {
  const [made] = await sql<{ first: number; last: number }>(owner, text, [count]);
  if (made === undefined || made.last - made.first + 1 !== count) {
    throw new Error(`Others write to the tables of ${owner} while they are filled`);
  }
  return made.first;
}
