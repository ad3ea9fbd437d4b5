/**
 * What orders take of the stock, and what came of each order: kept for ever, so that a duplicate event, under whatever
 * id, gets the same answer as the first time. Plain SQL, for it is what every order does.
 */
import type { Sql } from '@microshop/database';
import { insertOutboxSql, type OutboxMessage, outboxValues } from '@microshop/events';
import {
  type Allocation,
  type AvailableStock,
  allocate,
  type OrderOutcome,
  type OrderOutcomes,
  type StockOrder,
} from '../domain/reservation.ts';

/** What comes of orders: to be written by {@link writeReservation} in the same transaction. */
export interface Reservation {
  /** The outcome of each order; one that is not there needs a product that is locked, and gets nothing yet. */
  readonly outcomes: OrderOutcomes;
  /** What of it is new. */
  readonly fresh: Allocation;
}

/**
 * Gives each order all of its lines or none, one order after the other. Rows that another transaction has locked are
 * passed by: no transaction waits for a lock while it holds others, so a locked product holds up the orders for it and no
 * others. An order that had its outcome before keeps it. Nothing is written yet.
 */
export async function reserveStock(tx: Sql, orders: readonly StockOrder[]): Promise<Reservation> {
  const available = await lockStock(tx, orders);
  const fresh = allocate(orders, available);
  return { outcomes: new Map([...available.before, ...fresh.outcomes]), fresh };
}

const writeSql = `
  with line as (
    select * from unnest($1::integer[], $2::integer[], $3::integer[]) as line (order_id, product_id, quantity)
  ), sum as (
    select product_id, sum(quantity)::integer as quantity from line group by product_id
  ), changed as (
    update products set stock = stock - sum.quantity from sum where products.id = sum.product_id
  ), moved as (
    insert into stock_movements (product_id, delta, kind, order_id)
    select product_id, -quantity, 'reserved', order_id from line
  ), ended as (
    insert into order_outcomes (order_id, reason) select * from unnest($4::integer[], $5::text[])
  )
  ${insertOutboxSql(6)}`;

/** Writes what was reserved, and the answers to the orders, in one statement however many they are. */
export async function writeReservation(
  tx: Sql,
  { fresh: { outcomes, taken } }: Reservation,
  answers: readonly OutboxMessage[],
): Promise<void> {
  const fresh = [...outcomes];
  await tx.query(writeSql, [
    taken.map((line) => line.orderId),
    taken.map((line) => line.productId),
    taken.map((line) => line.quantity),
    fresh.map(([orderId]) => orderId),
    fresh.map(([, outcome]) => reasonOf(outcome)),
    ...outboxValues(answers),
  ]);
}

/** Locks what is free of the products of those orders, and reads what came of these before. */
async function lockStock(tx: Sql, orders: readonly StockOrder[]): Promise<AvailableStock> {
  const ids = [...new Set(orders.flatMap(({ lines }) => lines.map((line) => line.productId)))];
  const rows = await tx.query<{ id: number; stock: number | null; reason: string | null }>(
    `with free as (
       select id, stock from products where id = any($1::integer[]) order by id for no key update skip locked
     )
     select id, stock, null as reason from free
     union all
     select order_id, null, reason from order_outcomes where order_id = any($2::integer[])`,
    [ids, orders.map(({ orderId }) => orderId)],
  );
  const stocks = new Map<number, number>();
  const before = new Map<number, OrderOutcome>();
  for (const { id, stock, reason } of rows) {
    if (stock === null) before.set(id, outcomeOf(reason));
    else stocks.set(id, stock);
  }
  const absent = ids.filter((id) => !stocks.has(id));
  if (absent.length === 0) return { stocks, before, locked: new Set() };
  const there = await tx.query<{ id: number }>('select id from products where id = any($1::integer[])', [
    absent,
  ]);
  return { stocks, before, locked: new Set(there.map(({ id }) => id)) };
}

/** What came of those orders; those that have no outcome yet are not there. */
export async function outcomesOf(tx: Sql, orderIds: readonly number[]): Promise<OrderOutcomes> {
  const rows = await tx.query<{ order_id: number; reason: string | null }>(
    'select order_id, reason from order_outcomes where order_id = any($1::integer[])',
    [[...orderIds]],
  );
  return new Map(rows.map(({ order_id: orderId, reason }) => [orderId, outcomeOf(reason)]));
}

/** Rejects an order that has no outcome yet; returns the one it has now. */
export async function rejectOrder(tx: Sql, orderId: number, reason: string): Promise<OrderOutcome> {
  const before = (await outcomesOf(tx, [orderId])).get(orderId);
  if (before !== undefined) return before;
  await tx.query('insert into order_outcomes (order_id, reason) values ($1, $2)', [orderId, reason]);
  return { kind: 'rejected', reason };
}

function reasonOf(outcome: OrderOutcome): string | null {
  return outcome.kind === 'reserved' ? null : outcome.reason;
}

function outcomeOf(reason: string | null): OrderOutcome {
  return reason === null ? { kind: 'reserved' } : { kind: 'rejected', reason };
}
