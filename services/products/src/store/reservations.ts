/**
 * What orders take of the stock, and what came of each order: kept for ever, so that an event that comes again, under
 * whatever id, is answered as it was the first time. Plain SQL, for it is what every order does.
 */
import type { Sql } from '@microshop/service-kit';
import { type Shortage, shortageReason } from '../domain/shortage.ts';

/** One product and how many of it. */
export interface StockLine {
  readonly productId: number;
  readonly quantity: number;
}

/** Lines of one order; each product stands in one of them only. */
export interface StockOrder {
  readonly orderId: number;
  readonly lines: readonly StockLine[];
}

/** What came of an order: it got all of its lines, or none and the reason. */
export type OrderOutcome =
  | { readonly kind: 'reserved' }
  | { readonly kind: 'rejected'; readonly reason: string };

/** Outcomes by order id. */
export type OrderOutcomes = ReadonlyMap<number, OrderOutcome>;

interface Found {
  /** What can be taken, by product id; its rows are locked by this transaction. */
  readonly stocks: Map<number, number>;
  /** Products that another transaction has locked. */
  readonly locked: ReadonlySet<number>;
  readonly before: OrderOutcomes;
}

/**
 * Takes for each order all of its lines or none, one order after the other, in two statements however many they are. Rows
 * that another transaction has locked are passed by: nobody waits for a lock while they hold others, so a locked product
 * holds up the orders for it and no others. An order that had its outcome before keeps it.
 *
 * @returns the outcome of each order; one that is not there needs a product that is locked, and nothing was done of it.
 */
export async function reserveStock(tx: Sql, orders: readonly StockOrder[]): Promise<OrderOutcomes> {
  const { stocks, locked, before } = await lockStock(tx, orders);
  const outcomes = new Map(before);
  const taken: { orderId: number; productId: number; quantity: number }[] = [];
  for (const { orderId, lines } of orders) {
    if (outcomes.has(orderId) || lines.some(({ productId }) => locked.has(productId))) continue;
    const short = lines.flatMap((line): Shortage[] => {
      const available = stocks.get(line.productId) ?? null;
      if (available !== null && available >= line.quantity) return [];
      return [{ productId: line.productId, wanted: line.quantity, available }];
    });
    if (short.length > 0) {
      outcomes.set(orderId, { kind: 'rejected', reason: shortageReason(short) });
      continue;
    }
    outcomes.set(orderId, { kind: 'reserved' });
    for (const { productId, quantity } of lines) {
      stocks.set(productId, (stocks.get(productId) ?? 0) - quantity);
      taken.push({ orderId, productId, quantity });
    }
  }
  const fresh = [...outcomes].filter(([orderId]) => !before.has(orderId));
  if (fresh.length === 0) return outcomes;

  await tx.query(
    `with line as (
       select * from unnest($1::integer[], $2::integer[], $3::integer[]) as line (order_id, product_id, quantity)
     ), sum as (
       select product_id, sum(quantity)::integer as quantity from line group by product_id
     ), changed as (
       update products set stock = stock - sum.quantity from sum where products.id = sum.product_id
     ), moved as (
       insert into stock_movements (product_id, delta, kind, order_id)
       select product_id, -quantity, 'reserved', order_id from line
     )
     insert into order_outcomes (order_id, reason) select * from unnest($4::integer[], $5::text[])`,
    [
      taken.map((line) => line.orderId),
      taken.map((line) => line.productId),
      taken.map((line) => line.quantity),
      fresh.map(([orderId]) => orderId),
      fresh.map(([, outcome]) => reasonOf(outcome)),
    ],
  );
  return outcomes;
}

/** Locks what is free of the products of those orders, and reads what came of these before. */
async function lockStock(tx: Sql, orders: readonly StockOrder[]): Promise<Found> {
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
