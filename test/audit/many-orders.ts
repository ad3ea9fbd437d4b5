/** Databases with very many orders in them, for what has to stay quick then. */

/** Rows of one statement: each has 3 s. */
const step = 10_000;

/** Runs a statement in the database of a service. */
type Sql = (service: 'orders' | 'products', text: string, params?: readonly unknown[]) => Promise<unknown>;

/** An expression of SQL: the trace of the order whose id the given one is. */
export const traceOfOrder = (id: string) => `md5('trace ' || ${id})`;

/**
 * Rows of so many orders as the services write them, into databases without any. One of a thousand is pending: its event was
 * published and is nowhere.
 */
export async function fillOrders(sql: Sql, orders: number): Promise<void> {
  await sql('products', `insert into products (name, price_cents, stock) values ('P', 100, 1000000)`);
  const event = (type: string, key: string, body: string) =>
    `insert into outbox (message_id, type, routing_key, body, headers, published_at)
     select md5('${type} ' || i)::uuid, '${type}', '${key}', ${body},
       jsonb_build_object('traceparent', '00-' || ${traceOfOrder('i')} || '-0123456789abcdef-01'), now()
     from generate_series($1::integer, $2::integer) as i order by i`;
  const received = (type: string) =>
    `insert into inbox (message_id, type)
     select md5('${type} ' || i)::uuid, '${type}' from generate_series($1::integer, $2::integer) as i`;
  for (let from = 1; from <= orders; from += step) {
    const range = [from, Math.min(from + step - 1, orders)];
    await sql(
      'orders',
      `insert into orders (user_id, total_cents, status, created_at, ended_at, idempotency_key, request_hash)
       select 1 + i % 1000, 200, case when i % 1000 = 0 then 'PENDING' else 'CONFIRMED' end, now() - interval '1 hour',
         case when i % 1000 = 0 then null else now() - interval '59 minutes' end, 'key-' || i, '\\x00'
       from generate_series($1::integer, $2::integer) as i order by i`,
      range,
    );
    await sql(
      'orders',
      `insert into order_lines select i, 1, 1, 2, 100 from generate_series($1::integer, $2::integer) as i`,
      range,
    );
    await sql(
      'products',
      `insert into stock_movements (product_id, delta, kind, order_id)
       select 1, -2, 'reserved', i from generate_series($1::integer, $2::integer) as i`,
      range,
    );
    const items = `'[{"product_id": 1, "quantity": 2}]'::jsonb`;
    const created = `jsonb_build_object('order_id', i, 'user_id', 1 + i % 1000, 'items', ${items}, 'total_price', 2)`;
    await sql('orders', event('ORDER_CREATED', 'order.created', created), range);
    await sql(
      'products',
      event('STOCK_RESERVED', 'stock.reserved', `jsonb_build_object('order_id', i)`),
      range,
    );
    await sql('products', received('ORDER_CREATED'), range);
    await sql('orders', received('STOCK_RESERVED'), range);
  }
  for (const service of ['orders', 'products'] as const) await sql(service, 'analyze');
}
