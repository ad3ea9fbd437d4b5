/**
 * What an audit of many orders takes, on a PostgreSQL and a RabbitMQ of its own: time, and what the process that audits grows
 * by. All orders are right; then one in a thousand has lost its stock, so that nearly every block is read row by row.
 *
 *     node_modules/.bin/node test/audit/audit.bench.ts [orders, thousands, default 1000000]
 */
import { test } from 'node:test';
import { audit } from '@microshop/control/audit/routes';
import { deadLetterBook } from '@microshop/control/dead-letters/book';
import { type ShopServers, shopServers } from './shop-servers.ts';

const orders = Number(process.argv[2] ?? 1_000_000);
const products = 1000;
const users = Math.ceil(orders / 10);
/** Rows of one statement: each has 3 s. */
const step = 10_000;

async function fill({ sql }: ShopServers): Promise<void> {
  for (let from = 1; from <= users; from += step)
    await sql(
      'users',
      `insert into users (email, name, password_hash)
       select 'u' || i || '@example.com', 'U', 'x' from generate_series($1::integer, $2::integer) as i`,
      [from, Math.min(from + step - 1, users)],
    );
  await sql(
    'products',
    `insert into products (name, price_cents, stock) select 'P', 100, 0 from generate_series(1, $1::integer)`,
    [products],
  );
  await sql(
    'products',
    `insert into stock_movements (product_id, delta, kind)
     select i, 1000000, 'initial' from generate_series(1, $1::integer) as i`,
    [products],
  );
  for (let from = 1; from <= orders; from += step) {
    const range = [from, Math.min(from + step - 1, orders)];
    await sql(
      'orders',
      `with placed as (
         insert into orders (user_id, total_cents, status, ended_at, idempotency_key, request_hash)
         select 1 + i % ${users}, 200, 'CONFIRMED', now(), gen_random_uuid()::text, '\\x00'
         from generate_series($1::integer, $2::integer) as i
         order by i
       )
       insert into order_lines select i, 1, 1 + i % ${products}, 2, 100 from generate_series($1::integer, $2::integer) as i`,
      range,
    );
    await sql(
      'products',
      `insert into stock_movements (product_id, delta, kind, order_id)
       select 1 + i % ${products}, -2, 'reserved', i from generate_series($1::integer, $2::integer) as i`,
      range,
    );
  }
  await sql('products', 'update products set stock = 1000000 - 2 * $1::integer', [orders / products]);
  for (const table of ['orders', 'order_lines']) await sql('orders', `analyze ${table}`);
  for (const table of ['products', 'stock_movements']) await sql('products', `analyze ${table}`);
}

const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);

test(`an audit of ${orders} orders`, async (t) => {
  const servers = await shopServers(t);
  await fill(servers);
  const measure = async (what: string) => {
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 20);
    const began = performance.now();
    const found = await audit(servers.sources, deadLetterBook(servers.sources), {
      settleMs: 0,
      ledger: undefined,
    });
    clearInterval(watch);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const broken = found.invariants.reduce((sum, one) => sum + one.broken_count, 0);
    t.diagnostic(
      `${what}: ${seconds} s, ${broken} found, RSS ${mebibytes(before)} MiB, at most ${mebibytes(most - before)} more`,
    );
  };
  for (const round of [1, 2, 3]) await measure(`all right, round ${round}`);
  for (let id = 1000; id <= orders; id += 1000)
    await servers.sql('products', `update stock_movements set delta = -1 where order_id = $1`, [id]);
  await measure('one in a thousand wrong');
  await servers.close();
});
