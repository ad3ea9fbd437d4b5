/**
 * What the write of an order costs beside what the database can do: the service's own statement through its own pool against
 * `pgbench` with the same rows. `./mesh bench --only order-write` runs it, on a mesh of its own. Needs the orders' PostgreSQL of a
 * running mesh, and `pgbench` on PATH (Debian: postgresql-contrib). With `--json` it measures both once, the named one first, and
 * prints orders written per second.
 *
 *     MESH_INSTANCE=1 node_modules/.bin/node test/durability/order-write.bench.ts
 *     MESH_INSTANCE=1 node_modules/.bin/node test/durability/order-write.bench.ts --json store
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
/** Orders in the tables when it begins. */
const orders = 1000;

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

/** Orders per second of each, one measured right after the other. */
interface Pair {
  readonly store: number;
  readonly pgbench: number;
}

async function measurePair(
  hands: Record<keyof Pair, () => Promise<number>>,
  first: keyof Pair,
): Promise<Pair> {
  if (first === 'store') {
    const store = await hands.store();
    return { store, pgbench: await hands.pgbench() };
  }
  const pgbench = await hands.pgbench();
  return { store: await hands.store(), pgbench };
}

function printRatio(measured: readonly Pair[]): void {
  const ratio = shiftOf(measured.map(({ store, pgbench }) => Math.log(store / pgbench)));
  const told = (values: readonly number[]) => {
    const { median, least, most } = spread(values);
    return `${median.toFixed(0)}/s (${least.toFixed(0)}–${most.toFixed(0)})`;
  };
  console.log(
    `order write: store ${told(measured.map(({ store }) => store))}, pgbench ${told(measured.map(({ pgbench }) => pgbench))}, ratio ${Math.exp(ratio.estimate).toFixed(2)} (${Math.exp(ratio.least).toFixed(2)}–${Math.exp(ratio.most).toFixed(2)}), ${pairs} pairs of ${seconds} s, ${clients} clients`,
  );
}

const [flag, first] = process.argv.slice(2);
const file = path.join(tmpdir(), `order-write-${process.pid}.sql`);
await writeFile(file, script);
const [ofStore, ofPgbench] = [await filled(orders), await filled(orders)];
try {
  const hands = {
    store: () => byStore(ofStore.database),
    pgbench: () => byPgbench(ofPgbench.url, file),
  };
  await measurePair(hands, 'store');
  if (flag === '--json') {
    console.log(JSON.stringify(await measurePair(hands, first === 'pgbench' ? 'pgbench' : 'store')));
  } else {
    const measured: Pair[] = [];
    for (let index = 0; index < pairs; index += 1) {
      measured.push(await measurePair(hands, index % 2 === 0 ? 'store' : 'pgbench'));
    }
    printRatio(measured);
  }
} finally {
  await rm(file, { force: true });
  for (const { close } of [ofStore, ofPgbench]) await close();
}
