/** The shop's rows as they should be, and every way we know to make them wrong: with statements, in the databases. */
import { randomUUID } from 'node:crypto';
import type { LedgerEntry } from '@microshop/control/audit/ledger';
import type { ShopServers } from './shop-servers.ts';

type Sql = ShopServers['sql'];

/** Message id of the event of order 3, which is pending and has stood for an hour. */
export const ownEvent = '00000000-0000-4000-8000-000000000003';

/** Trace that the event of order 3 belongs to. */
export const ownTrace = '0123456789abcdef0123456789abcdef';

/**
 * Empties every table, then: user 1; product 1, of which 10 came in; order 1, confirmed, 2 of it at 1.00; order 2, rejected.
 * Whoever looked would find nothing wrong.
 */
export async function rightShop(sql: Sql): Promise<void> {
  await sql('users', 'truncate users restart identity');
  await sql('products', 'truncate products, stock_movements, outbox, inbox restart identity');
  await sql('orders', 'truncate orders, order_lines, outbox, inbox restart identity');
  await sql('users', `insert into users (email, name, password_hash) values ('a@example.com', 'A', 'x')`);
  await sql(
    'products',
    `insert into products (name, price_cents, stock) values ('P', 100, 8), ('Q', 100, 0)`,
  );
  await sql(
    'products',
    `insert into stock_movements (product_id, delta, kind, order_id)
     values (1, 10, 'initial', null), (1, -2, 'reserved', 1)`,
  );
  await placeOrder(sql, 'CONFIRMED', 'key-1');
  await placeOrder(sql, 'REJECTED', 'key-2');
}

/** One more order for 2 of product 1, an hour old unless another age is given. */
export async function placeOrder(
  sql: Sql,
  status: 'PENDING' | 'CONFIRMED' | 'REJECTED',
  key: string = randomUUID(),
  age = '1 hour',
): Promise<number> {
  const [row] = await sql<{ id: number }>(
    'orders',
    `with placed as (
       insert into orders (user_id, total_cents, status, created_at, ended_at, idempotency_key, request_hash)
       values (1, 200, $1, now() - $3::interval, case when $1 <> 'PENDING' then now() end, $2, '\\x00')
       returning id
     ), line as (
       insert into order_lines select id, 1, 1, 2, 100 from placed
     )
     select id from placed`,
    [status, key, age],
  );
  if (row === undefined) throw new Error('The order was not placed');
  return row.id;
}

/** Order 3: pending, its event published long ago and nowhere any more. */
export async function pendingThird(sql: Sql): Promise<void> {
  await placeOrder(sql, 'PENDING', 'key-3');
  await sql(
    'orders',
    `insert into outbox (message_id, type, routing_key, body, headers, published_at)
     values ($1, 'ORDER_CREATED', 'order.created', '{"order_id": 3}', $2, now() - interval '1 hour')`,
    [ownEvent, JSON.stringify({ traceparent: `00-${ownTrace}-0123456789abcdef-01` })],
  );
}

/** A wrong state. */
export interface WrongState {
  readonly what: string;
  make(sql: Sql): Promise<unknown>;
  /** What the statements took away for it (constraints). */
  undo?(sql: Sql): Promise<unknown>;
  readonly ledger?: readonly LedgerEntry[];
  /** Invariants that it breaks; the others stay as they are. */
  readonly breaks: readonly ('I1' | 'I2' | 'I3a' | 'I3b' | 'I4')[];
  /** How the answer names it. */
  readonly by: RegExp;
}

const take = (sql: Sql, orderId: number, quantity = 2, productId = 1) =>
  sql(
    'products',
    `with taken as (insert into stock_movements (product_id, delta, kind, order_id) values ($1, -$2::integer, 'reserved', $3))
     update products set stock = stock - $2::integer where id = $1`,
    [productId, quantity, orderId],
  );

const key = (name: string, orderId: number | null, status: number): LedgerEntry => ({
  key: name,
  order_id: orderId,
  status,
});

/** Every wrong state that rows alone can be in. */
export const wrongStates: readonly WrongState[] = [
  {
    what: 'an acknowledged order is gone',
    make: (sql) =>
      sql(
        'orders',
        `with line as (delete from order_lines where order_id = 2) delete from orders where id = 2`,
      ),
    ledger: [key('key-2', 2, 201)],
    breaks: ['I1'],
    by: /order 2 \(key key-2\)/,
  },
  {
    what: "an acknowledged order is another key's",
    make: (sql) => sql('orders', `update orders set idempotency_key = 'other' where id = 2`),
    ledger: [key('key-2', 2, 201)],
    breaks: ['I1'],
    by: /order 2 \(key key-2\)/,
  },
  {
    what: 'a key was answered two orders',
    make: async () => undefined,
    ledger: [key('key-1', 1, 201), key('key-1', 2, 201)],
    breaks: ['I1', 'I2'],
    by: /key key-1: orders 1, 2/,
  },
  {
    what: 'a key has two rows',
    make: async (sql) => {
      await sql('orders', 'alter table orders drop constraint orders_idempotency_key_key');
      await placeOrder(sql, 'REJECTED', 'key-1');
    },
    undo: async (sql) => {
      await sql('orders', 'delete from order_lines where order_id = 3');
      await sql('orders', 'delete from orders where id = 3');
      await sql('orders', 'alter table orders add unique (idempotency_key)');
    },
    breaks: ['I2'],
    by: /key key-1: orders 1, 3/,
  },
  {
    what: 'a refused key has an order',
    make: async () => undefined,
    ledger: [key('key-1', null, 400), key('key-1', null, 429)],
    breaks: ['I2'],
    by: /order 1 \(key key-1 was refused\)/,
  },
  {
    what: 'the user of an order does not exist',
    make: (sql) => sql('users', 'delete from users'),
    breaks: ['I2'],
    by: /order 1 \(there is no user 1\)/,
  },
  {
    what: 'the user of one order among others does not exist',
    make: async (sql) => {
      await sql(
        'users',
        `insert into users (id, email, name, password_hash) values (3, 'c@example.com', 'C', 'x')`,
      );
      await sql('orders', 'update orders set user_id = 2 where id = 2');
    },
    breaks: ['I2'],
    by: /order 2 \(there is no user 2\)/,
  },
  {
    what: 'a confirmed order has no lines and no movements',
    make: async (sql) => {
      await sql('orders', 'delete from order_lines where order_id = 1');
      await sql('products', `delete from stock_movements where order_id = 1`);
      await sql('products', 'update products set stock = 10 where id = 1');
    },
    breaks: ['I2'],
    by: /order 1 has no lines/,
  },
  {
    what: 'an order without lines costs nothing, like its lines',
    make: async (sql) => {
      await sql('orders', 'delete from order_lines where order_id = 2');
      await sql('orders', 'update orders set total_cents = 0 where id = 2');
    },
    breaks: ['I2'],
    by: /order 2 has no lines/,
  },
  {
    what: 'an order has lost one of its lines, and its stock with it',
    make: async (sql) => {
      await sql('orders', 'update orders set total_cents = 300 where id = 1');
    },
    breaks: ['I2'],
    by: /order 1 costs 300 cents, its lines 200/,
  },
  {
    what: 'stock was taken twice for an order',
    make: async (sql) => {
      await sql('products', 'drop index stock_movements_order_key');
      await take(sql, 1);
    },
    undo: async (sql) => {
      await sql('products', `delete from stock_movements where id = 3`);
      await sql(
        'products',
        `create unique index stock_movements_order_key on stock_movements (order_id, product_id) where kind = 'reserved'`,
      );
    },
    breaks: ['I2', 'I3b'],
    by: /order 1: 4 of product 1 taken, 2 ordered/,
  },
  {
    what: 'a product was taken that was not ordered',
    make: async (sql) => {
      await sql('products', `insert into stock_movements (product_id, delta, kind) values (2, 5, 'initial')`);
      await sql('products', 'update products set stock = 5 where id = 2');
      await take(sql, 1, 1, 2);
    },
    breaks: ['I2', 'I3b'],
    by: /order 1: 1 of product 2 taken, 0 ordered/,
  },
  {
    what: 'a stock is not the sum of its movements',
    make: (sql) => sql('products', 'update products set stock = 9 where id = 1'),
    breaks: ['I3a'],
    by: /product 1: stock 9, sum of movements 8/,
  },
  {
    what: 'a product without movements has a stock',
    make: (sql) => sql('products', 'update products set stock = 3 where id = 2'),
    breaks: ['I3a'],
    by: /product 2: stock 3, sum of movements 0/,
  },
  {
    what: 'a stock is below zero',
    make: async (sql) => {
      await sql('products', 'alter table products drop constraint products_stock_check');
      await sql('products', `insert into stock_movements (product_id, delta, kind) values (1, -9, 'manual')`);
      await sql('products', 'update products set stock = -1 where id = 1');
    },
    undo: async (sql) => {
      await sql('products', 'update products set stock = 8');
      await sql('products', 'alter table products add constraint products_stock_check check (stock >= 0)');
    },
    breaks: ['I3a'],
    by: /product 1: stock -1/,
  },
  {
    what: 'a product is gone and its movements are not',
    make: async (sql) => {
      await sql('products', 'alter table stock_movements drop constraint stock_movements_product_id_fkey');
      await sql('products', 'delete from products where id = 1');
    },
    undo: async (sql) => {
      await sql('products', 'truncate stock_movements');
      await sql(
        'products',
        'alter table stock_movements add foreign key (product_id) references products (id)',
      );
    },
    breaks: ['I3a'],
    by: /product 1: no such product, sum of movements 8/,
  },
  {
    what: 'more was sold than there ever was',
    make: async (sql) => {
      await sql('orders', 'update order_lines set quantity = 11, price_cents = 0 where order_id = 1');
      await sql('orders', 'update orders set total_cents = 0 where id = 1');
    },
    breaks: ['I3a', 'I3b'],
    by: /product 1: 11 sold, 10 supplied/,
  },
  {
    what: 'a product was sold that does not exist',
    make: (sql) => sql('orders', 'update order_lines set product_id = 77 where order_id = 1'),
    breaks: ['I2', 'I3a', 'I3b'],
    by: /product 77: 2 sold, 0 supplied/,
  },
  {
    what: 'the stock of a confirmed order was never taken',
    make: async (sql) => {
      await sql('products', 'delete from stock_movements where order_id = 1');
      await sql('products', 'update products set stock = 10 where id = 1');
    },
    breaks: ['I3b'],
    by: /order 1 is CONFIRMED: taken none, not 1:2/,
  },
  {
    what: 'less was taken than a confirmed order asks for',
    make: async (sql) => {
      await sql('products', 'update stock_movements set delta = -1 where order_id = 1');
      await sql('products', 'update products set stock = 9 where id = 1');
    },
    breaks: ['I3b'],
    by: /order 1 is CONFIRMED: taken 1:1, not 1:2/,
  },
  {
    what: 'two wrong orders make the sums right',
    make: async (sql) => {
      await placeOrder(sql, 'CONFIRMED');
      await sql('products', 'update stock_movements set delta = -4 where order_id = 1');
      await sql('products', 'update products set stock = 6 where id = 1');
    },
    breaks: ['I2', 'I3b'],
    by: /order 3 is CONFIRMED: taken none, not 1:2/,
  },
  {
    what: 'stock was taken for a rejected order',
    make: (sql) => take(sql, 2),
    breaks: ['I3b'],
    by: /order 2 is REJECTED: taken 1:2, not none/,
  },
  {
    what: 'stock was taken for an order that does not exist',
    make: (sql) => take(sql, 7, 1),
    breaks: ['I3b'],
    by: /order 7 does not exist, yet 1:1 was taken for it/,
  },
  {
    what: 'stock was taken for an order far away from all others that does not exist',
    make: (sql) => take(sql, 1_000_000, 1),
    breaks: ['I3b'],
    by: /order 1000000 does not exist/,
  },
  {
    what: 'a pending order waits for nothing',
    make: pendingThird,
    breaks: ['I4'],
    by: /order 3/,
  },
  {
    what: 'a pending order has its stock and waits for nothing',
    make: async (sql) => {
      await pendingThird(sql);
      await take(sql, 3);
    },
    breaks: ['I4'],
    by: /order 3/,
  },
  {
    what: 'a part of a pending order was taken',
    make: async (sql) => {
      await pendingThird(sql);
      await take(sql, 3, 1);
    },
    breaks: ['I3b', 'I4'],
    by: /order 3 is PENDING: taken 1:1, not 1:2/,
  },
  {
    what: "a pending order's own event was set aside",
    make: async (sql) => {
      await pendingThird(sql);
      await sql(
        'orders',
        `update outbox set published_at = null, failed_at = now(), last_error = 'too long'`,
      );
    },
    breaks: ['I4'],
    by: /ORDER_CREATED .* \(order 3\) cannot be published: too long/,
  },
  {
    what: 'an answer of products was set aside',
    make: async (sql) => {
      await pendingThird(sql);
      await take(sql, 3);
      await sql(
        'products',
        `insert into outbox (message_id, type, routing_key, body, headers, failed_at, last_error)
         values (gen_random_uuid(), 'STOCK_RESERVED', 'stock.reserved', '{"order_id": 3}', '{}', now(), 'too long')`,
      );
    },
    breaks: ['I4'],
    by: /STOCK_RESERVED .* \(order 3\) cannot be published: too long/,
  },
];
