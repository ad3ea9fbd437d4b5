/**
 * What the write of an order costs beside what the database can do, and whether it costs more in large tables: the service's
 * own statement through its own pool against `pgbench` with the same rows, and 100,000 orders in the tables against 1,000.
 * Needs the orders' PostgreSQL of a running mesh, and `pgbench` on PATH (Debian: postgresql-contrib).
 *
 *     MESH_INSTANCE=1 node_modules/.bin/node test/durability/order-write.bench.ts
 */
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '@microshop/database';
import { shiftOf } from '@microshop/lab/statistics/shift';
import { spread } from '@microshop/lab/statistics/spread';
import { execa } from 'execa';
import { migrations } from '../../services/orders/src/store/migrations.ts';
import { createOrderStore } from '../../services/orders/src/store/orders.ts';
import { asSuperuser, emptyDatabase, openScratch } from '../harness/scratch.ts';

const clients = 8;
const seconds = 4;
const pairs = 6;
const few = 1000;
const many = 100_000;

/** The rows of an order of one line, and its event, as `createOrderStore` writes them. */
const script = `
with placed as (
  insert into orders (user_id, total_cents) values (1, 150) returning id
), line as (
  insert into order_lines (order_id, line_number, product_id, quantity, price_cents)
  select placed.id, 1, 1 + (random() * 63)::integer, 1, 150 from placed
)
insert into outbox (message_id, type, routing_key, body, headers)
select gen_random_uuid(), 'ORDER_CREATED', 'order.created',
  jsonb_build_object('order_id', placed.id, 'user_id', 1, 'total_price', 1.5,
    'items', '[{"product_id": 1, "quantity": 1}]'::jsonb), '{}' from placed;
`;

/** Orders that have ended, with their lines; their events have left. */
const fillSql = (orders: number) => `
with placed as (
  insert into orders (user_id, total_cents, status, ended_at)
  select 1 + n % 1000, 150, 'CONFIRMED', now() from generate_series(1, ${orders}) as n returning id
)
insert into order_lines (order_id, line_number, product_id, quantity, price_cents)
select id, 1, 1 + id % 64, 1, 150 from placed`;

interface Filled {
  readonly url: string;
  readonly database: Database;
  close(): Promise<void>;
}

/** Empties the tables and fills them with so many orders; as the superuser, whose statements may take long. */
async function fill(url: string, orders: number): Promise<void> {
  const database = new URL(url).pathname.slice(1);
  await asSuperuser('truncate orders, order_lines, outbox', database);
  await asSuperuser(fillSql(orders), database);
  await asSuperuser('analyze', database);
}

async function filled(orders: number): Promise<Filled> {
  const { url, drop } = await emptyDatabase();
  const database = await openScratch(url, migrations);
  await fill(url, orders);
  return {
    url,
    database,
    close: async () => {
      await database.close();
      await drop();
    },
  };
}

/** Orders written per second by the service's store. */
async function byStore(database: Database): Promise<number> {
  const store = createOrderStore(database);
  const hash = Buffer.alloc(32);
  const began = performance.now();
  const end = began + seconds * 1000;
  let written = 0;
  const client = async () => {
    while (performance.now() < end) {
      const lines = [{ productId: 1 + (written % 64), quantity: 1, priceCents: 150 }];
      await store.place({ userId: 1, lines, key: undefined, hash });
      written += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return written / ((performance.now() - began) / 1000);
}

/** The same by pgbench. */
async function byPgbench(url: string, file: string): Promise<number> {
  const words = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', String(seconds), '-f', file];
  const { stdout } = await execa('pgbench', [...words, url]);
  const tps = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
  if (!(tps > 0)) throw new Error(`pgbench said no figure:\n${stdout}`);
  return tps;
}

/** Takes turns, A B, B A, …; prints both and their ratio. */
async function compare(
  what: string,
  one: readonly [string, () => Promise<number>],
  other: readonly [string, () => Promise<number>],
): Promise<void> {
  await one[1]();
  await other[1]();
  const measured: { one: number; other: number }[] = [];
  for (let index = 0; index < pairs; index += 1) {
    const first = await (index % 2 === 0 ? one : other)[1]();
    const second = await (index % 2 === 0 ? other : one)[1]();
    measured.push(index % 2 === 0 ? { one: first, other: second } : { one: second, other: first });
  }
  const ratio = shiftOf(measured.map((pair) => Math.log(pair.one / pair.other)));
  const told = (values: readonly number[]) => {
    const { median, least, most } = spread(values);
    return `${median.toFixed(0)}/s (${least.toFixed(0)}–${most.toFixed(0)})`;
  };
  console.log(
    `${what}: ${one[0]} ${told(measured.map((pair) => pair.one))}, ${other[0]} ${told(measured.map((pair) => pair.other))}, ratio ${Math.exp(ratio.estimate).toFixed(2)} (${Math.exp(ratio.least).toFixed(2)}–${Math.exp(ratio.most).toFixed(2)}), ${pairs} pairs of ${seconds} s, ${clients} clients`,
  );
}

const file = path.join(tmpdir(), `order-write-${process.pid}.sql`);
await writeFile(file, script);
const [small, alike, large] = [await filled(few), await filled(few), await filled(many)];
try {
  const store = () => byStore(small.database);
  await compare('order write', ['store', store], ['pgbench', () => byPgbench(alike.url, file)]);
  await compare(
    'orders in the tables',
    [`${many}`, () => byStore(large.database)],
    [
      `${few}`,
      async () => {
        // what was written before would be among them
        await fill(alike.url, few);
        return await byStore(alike.database);
      },
    ],
  );
} finally {
  await rm(file, { force: true });
  for (const { close } of [small, alike, large]) await close();
}
