/** Orders in PostgreSQL: written by one plain statement, read through the model. */

import { type Database, rfc3339, type Sql } from '@microshop/database';
import { newEventHead } from '@microshop/events';
import type { EventBody } from '@microshop/topology';
import {
  type EndStatus,
  type Order,
  type OrderStatus,
  type OrderStore,
  totalCents,
} from '../domain/order.ts';
import { OrderEntity, OrderLineEntity, type OrderLineRow, type OrderRow } from './entities.ts';

/**
 * One statement, so that the order cannot exist without its event, and costs one round trip. A key that is being
 * written by another request makes this one wait for that transaction, and then write nothing.
 */
const placeSql = `
  with placed as (
    insert into orders (user_id, total_cents, idempotency_key, request_hash)
    values ($1, $2, $3, $4)
    on conflict (idempotency_key) do nothing
    returning id, created_at
  ), line as (
    insert into order_lines (order_id, line_number, product_id, quantity, price_cents)
    select placed.id, line.number, line.product_id, line.quantity, line.price_cents
    from placed, unnest($5::integer[], $6::integer[], $7::integer[])
      with ordinality as line (product_id, quantity, price_cents, number)
  ), event as (
    insert into outbox (message_id, type, routing_key, body, headers)
    select $8, $9, $10, jsonb_build_object('order_id', placed.id) || $11::jsonb, $12 from placed
  )
  select id, created_at from placed`;

const findByKeySql = `
  select id, user_id as "userId", total_cents::float8 as "totalCents", status, reason, created_at, request_hash,
    (
      select jsonb_agg(
        jsonb_build_object('productId', product_id, 'quantity', quantity, 'priceCents', price_cents)
        order by line_number
      )
      from order_lines where order_id = orders.id
    ) as lines
  from orders where idempotency_key = $1`;

/** An order found by its key; the timestamp is PostgreSQL's text. */
type KeyedRow = Omit<Order, 'createdAt'> & { readonly created_at: string; readonly request_hash: Buffer };

/** Orders of that database. */
export function createOrderStore(database: Database): OrderStore {
  async function withLines(rows: readonly OrderRow[]): Promise<Order[]> {
    if (rows.length === 0) return [];
    const ids = rows.map((row) => row.id);
    const lines = await database
      .em()
      .find(OrderLineEntity, { orderId: { $in: ids } }, { orderBy: { orderId: 'asc', lineNumber: 'asc' } });
    const byOrder = Map.groupBy(lines, (line) => line.orderId);
    return rows.map((row) => toOrder(row, byOrder.get(row.id) ?? []));
  }

  return {
    async place({ userId, lines, key, hash }) {
      const total = totalCents(lines);
      const event = newEventHead('ORDER_CREATED');
      // the statement puts the order's number in
      const body: Omit<EventBody<'ORDER_CREATED'>, 'order_id'> = {
        user_id: userId,
        items: lines.map((line) => ({ product_id: line.productId, quantity: line.quantity })),
        total_price: total / 100,
      };
      const [row] = await database.sql.query<{ id: number; created_at: string }>(placeSql, [
        userId,
        total,
        key ?? null,
        key === undefined ? null : hash,
        lines.map((line) => line.productId),
        lines.map((line) => line.quantity),
        lines.map((line) => line.priceCents),
        event.messageId,
        event.type,
        event.routingKey,
        JSON.stringify(body),
        JSON.stringify(event.headers),
      ]);
      if (row === undefined) return null;
      return {
        id: row.id,
        userId,
        lines,
        totalCents: total,
        status: 'PENDING',
        reason: null,
        createdAt: rfc3339(row.created_at),
      };
    },

    async findByKey(key) {
      // plain SQL: every order with a key asks this
      const [row] = await database.sql.query<KeyedRow>(findByKeySql, [key]);
      if (row === undefined) return null;
      const { request_hash: hash, created_at: createdAt, ...order } = row;
      return { order: { ...order, createdAt: rfc3339(createdAt) }, hash };
    },

    async findById(id) {
      const row = await database.em().findOne(OrderEntity, { id });
      if (row === null) return null;
      const [order] = await withLines([row]);
      return order ?? null;
    },

    async list(filter, afterId, count) {
      const rows = await database
        .em()
        .find(OrderEntity, { ...filter, id: { $gt: afterId } }, { orderBy: { id: 'asc' }, limit: count });
      return withLines(rows);
    },
  };
}

function toOrder(row: OrderRow, lines: readonly OrderLineRow[]): Order {
  return {
    id: row.id,
    userId: row.userId,
    lines: lines.map(({ productId, quantity, priceCents }) => ({ productId, quantity, priceCents })),
    totalCents: row.totalCents,
    status: row.status,
    reason: row.reason ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

/**
 * Condition on a row of the outbox: its order has not ended. Until then its `ORDER_CREATED` is kept after it was published:
 * it can be sent again, under its id and in its trace, and a dead letter with its id is known to be this order's.
 */
export const orderIsPending = `exists (
  select from orders where orders.id = (outbox.body ->> 'order_id')::integer and orders.status = 'PENDING'
)`;

/** How an order is to end. */
export interface OrderEnd {
  readonly id: number;
  readonly status: EndStatus;
  /** Of a rejection. */
  readonly reason: string | null;
}

/** What {@link endOrders} found; `seconds` passed between placing the order and its end. */
export type EndOutcome =
  | { readonly kind: 'ended'; readonly seconds: number }
  | { readonly kind: 'ended_before'; readonly status: OrderStatus }
  | { readonly kind: 'locked' };

/**
 * Ends pending orders, each named once, in one statement. An order that has ended keeps its end; one that another
 * transaction has locked is not waited for.
 *
 * @returns what was found, by order id; an order that does not exist is not there.
 */
export async function endOrders(
  tx: Sql,
  ends: readonly OrderEnd[],
): Promise<ReadonlyMap<number, EndOutcome>> {
  const ended = await tx.query<{ id: number; seconds: number }>(
    `with answer as (
       select * from unnest($1::integer[], $2::text[], $3::text[]) as answer (id, status, reason)
     ), pending as (
       select id from orders where id = any($1::integer[]) and status = 'PENDING'
       order by id for no key update skip locked
     )
     update orders set status = answer.status, reason = answer.reason, ended_at = now()
     from pending join answer using (id) where orders.id = pending.id
     returning orders.id, extract(epoch from orders.ended_at - orders.created_at)::double precision as seconds`,
    [ends.map(({ id }) => id), ends.map(({ status }) => status), ends.map(({ reason }) => reason)],
  );
  const outcomes = new Map<number, EndOutcome>(
    ended.map(({ id, seconds }) => [id, { kind: 'ended', seconds }]),
  );
  const others = ends.filter(({ id }) => !outcomes.has(id)).map(({ id }) => id);
  if (others.length === 0) return outcomes;
  const found = await tx.query<{ id: number; status: OrderStatus }>(
    'select id, status from orders where id = any($1::integer[])',
    [others],
  );
  for (const { id, status } of found) {
    outcomes.set(id, status === 'PENDING' ? { kind: 'locked' } : { kind: 'ended_before', status });
  }
  return outcomes;
}
