/** What the three databases say, each read in one snapshot as the read-only audit role. */
import { type ServiceName, serviceNamed } from '@microshop/topology';
import pg from 'pg';
import type { AuditSources } from './sources.ts';

/** An order. */
export interface OrderRow {
  readonly id: number;
  readonly status: 'PENDING' | 'CONFIRMED' | 'REJECTED';
  readonly key: string | null;
  readonly user_id: number;
  /** `product:quantity` of each line by product id, `1:2,7:1`. */
  readonly lines: string;
}

/** An event that has not left. */
export interface OutboxRow {
  readonly message_id: string;
  readonly type: string;
  readonly order_id: number | null;
  /** It can never leave by itself. */
  readonly set_aside: boolean;
  readonly reason: string | null;
  readonly age_s: number;
}

/** Stock taken for an order. */
export interface ReservedRow {
  readonly order_id: number;
  /** As {@link OrderRow.lines}. */
  readonly lines: string;
}

/** A product with the sums of its movements. */
export interface ProductRow {
  readonly id: number;
  readonly stock: number;
  /** Sum of all movements. */
  readonly movements: number;
  /** Sum of what came in by hand or at first. */
  readonly supplied: number;
}

/** What is in `orders_db`. */
export interface OrdersSnapshot {
  readonly orders: readonly OrderRow[];
  /** Units in confirmed orders by product id. */
  readonly sold: ReadonlyMap<number, number>;
  readonly outbox: readonly OutboxRow[];
}

/** What is in `products_db`. */
export interface ProductsSnapshot {
  readonly products: readonly ProductRow[];
  readonly reserved: readonly ReservedRow[];
  readonly outbox: readonly OutboxRow[];
}

/** Time to connect, and for one statement, milliseconds. */
const connectTimeoutMs = 3000;
const statementTimeoutMs = 30_000;

const outboxSql = `
  select message_id, type, (body ->> 'order_id')::integer as order_id, failed_at is not null as set_aside,
    last_error as reason, extract(epoch from clock_timestamp() - created_at)::float8 as age_s
  from outbox where published_at is null order by id`;

/** Runs the work in one read-only snapshot of a service's database. */
export async function inSnapshot<T>(
  sources: AuditSources,
  service: ServiceName,
  work: (query: <Row>(text: string, params?: readonly unknown[]) => Promise<Row[]>) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    ...sources.postgres,
    ...(await sources.databaseCredentials()),
    database: serviceNamed(service).database.name,
    application_name: 'audit',
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
  });
  // a server that ends meanwhile fails the query; without a listener it would end this process
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('begin isolation level repeatable read read only');
    return await work(async <Row>(text: string, params: readonly unknown[] = []) => {
      const { rows } = await client.query<Row & Record<string, unknown>>(text, [...params]);
      return rows;
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Reads `orders_db`. */
export function readOrders(sources: AuditSources): Promise<OrdersSnapshot> {
  return inSnapshot(sources, 'orders', async (query) => {
    const orders = await query<OrderRow>(
      `select id, status, idempotency_key as key, user_id, coalesce(lines, '') as lines
       from orders left join (
         select order_id, string_agg(product_id || ':' || quantity, ',' order by product_id) as lines
         from (select order_id, product_id, sum(quantity) as quantity from order_lines group by 1, 2) as line
         group by order_id
       ) as lines on order_id = id
       order by id`,
    );
    const sold = await query<{ product_id: number; quantity: string }>(
      `select product_id, sum(quantity) as quantity from order_lines join orders on orders.id = order_id
       where status = 'CONFIRMED' group by product_id`,
    );
    return {
      orders,
      sold: new Map(sold.map((row) => [row.product_id, Number(row.quantity)])),
      outbox: await query<OutboxRow>(outboxSql),
    };
  });
}

/** Reads `products_db`. */
export function readProducts(sources: AuditSources): Promise<ProductsSnapshot> {
  return inSnapshot(sources, 'products', async (query) => ({
    products: await query<ProductRow>(
      `select products.id, stock, coalesce(sum(delta), 0)::float8 as movements,
         coalesce(sum(delta) filter (where kind <> 'reserved'), 0)::float8 as supplied
       from products left join stock_movements on product_id = products.id
       group by products.id, stock order by products.id`,
    ),
    reserved: await query<ReservedRow>(
      `select order_id, string_agg(product_id || ':' || quantity, ',' order by product_id) as lines
       from (
         select order_id, product_id, -sum(delta) as quantity from stock_movements
         where kind = 'reserved' group by 1, 2
       ) as line
       group by order_id order by order_id`,
    ),
    outbox: await query<OutboxRow>(outboxSql),
  }));
}

/** Ids of the users in `users_db`. */
export async function readUserIds(sources: AuditSources): Promise<ReadonlySet<number>> {
  const rows = await inSnapshot(sources, 'users', (query) => query<{ id: number }>('select id from users'));
  return new Set(rows.map(({ id }) => id));
}

/** Highest order id right now: tells whether orders were placed while the rest was read. */
export async function lastOrderId(sources: AuditSources): Promise<number> {
  const [row] = await inSnapshot(sources, 'orders', (query) =>
    query<{ id: number }>('select coalesce(max(id), 0) as id from orders'),
  );
  return row?.id ?? 0;
}
