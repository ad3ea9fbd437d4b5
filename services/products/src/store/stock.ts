/** Stock: a column and its movements, changed together. Plain SQL, for it is what every order does. */
import type { Sql } from '@microshop/service-kit';

/** One product and how many of it. */
export interface StockLine {
  readonly productId: number;
  readonly quantity: number;
}

/** A line that cannot be served. `available` is null when there is no such product. */
export interface Shortage {
  readonly productId: number;
  readonly wanted: number;
  readonly available: number | null;
}

/** Largest stock: PostgreSQL's `integer`. */
export const maxStock = 2_147_483_647;

/** What is read of a product each time, and never from the cache. */
export interface ProductRow {
  readonly id: number;
  /** Counts the changes of what the cache holds of it. */
  readonly revision: number;
  readonly priceCents: number;
  readonly stock: number;
}

const rowColumns = 'id, revision, price_cents as "priceCents", stock';

/** The rows of those ids that exist, by id, as they are now. */
export function readRows(sql: Sql, ids: readonly number[]): Promise<ProductRow[]> {
  return sql.query<ProductRow>(
    `select ${rowColumns} from products where id = any($1::integer[]) order by id`,
    [[...ids]],
  );
}

/** Up to `count` rows with an id above `afterId`, by id, as they are now. */
export function listRows(sql: Sql, afterId: number, count: number): Promise<ProductRow[]> {
  return sql.query<ProductRow>(`select ${rowColumns} from products where id > $1 order by id limit $2`, [
    afterId,
    count,
  ]);
}

/** Lines of one order; each product stands in one of them only. */
export interface StockOrder {
  readonly orderId: number;
  readonly lines: readonly StockLine[];
}

/**
 * Takes for each order all of its lines or none, one order after the other, in two statements however many they are.
 * Rows are locked in the order of their ids, so two transactions for the same products cannot wait for each other.
 *
 * @returns what is short, by order id; an order that is not there has got everything.
 */
export async function reserveStock(
  tx: Sql,
  orders: readonly StockOrder[],
): Promise<ReadonlyMap<number, readonly Shortage[]>> {
  const ids = [...new Set(orders.flatMap(({ lines }) => lines.map((line) => line.productId)))];
  const locked = await tx.query<{ id: number; stock: number }>(
    'select id, stock from products where id = any($1::integer[]) order by id for no key update',
    [ids],
  );
  const stocks = new Map(locked.map((row) => [row.id, row.stock]));
  const shortages = new Map<number, readonly Shortage[]>();
  const taken: { orderId: number; productId: number; quantity: number }[] = [];
  for (const { orderId, lines } of orders) {
    const short = lines.flatMap((line): Shortage[] => {
      const available = stocks.get(line.productId) ?? null;
      if (available !== null && available >= line.quantity) return [];
      return [{ productId: line.productId, wanted: line.quantity, available }];
    });
    if (short.length > 0) {
      shortages.set(orderId, short);
      continue;
    }
    for (const { productId, quantity } of lines) {
      stocks.set(productId, (stocks.get(productId) ?? 0) - quantity);
      taken.push({ orderId, productId, quantity });
    }
  }
  if (taken.length === 0) return shortages;

  await tx.query(
    `with line as (
       select * from unnest($1::integer[], $2::integer[], $3::integer[]) as line (order_id, product_id, quantity)
     ), sum as (
       select product_id, sum(quantity)::integer as quantity from line group by product_id
     ), changed as (
       update products set stock = stock - sum.quantity from sum where products.id = sum.product_id
     )
     insert into stock_movements (product_id, delta, kind, order_id)
     select product_id, -quantity, 'reserved', order_id from line`,
    [
      taken.map((line) => line.orderId),
      taken.map((line) => line.productId),
      taken.map((line) => line.quantity),
    ],
  );
  return shortages;
}

/** Outcome of a change by hand. */
export type StockChange = 'changed' | 'unknown_product' | 'below_zero' | 'above_maximum';

/** Adds `delta` units (negative: takes them) with a reason, under the lock of the row. Needs a transaction. */
export async function changeStock(
  tx: Sql,
  productId: number,
  delta: number,
  reason: string,
): Promise<StockChange> {
  const [row] = await tx.query<{ stock: number }>(
    'select stock from products where id = $1 for no key update',
    [productId],
  );
  if (row === undefined) return 'unknown_product';
  if (row.stock + delta < 0) return 'below_zero';
  if (row.stock + delta > maxStock) return 'above_maximum';
  await tx.query(
    `with changed as (
       update products set stock = stock + $2 where id = $1
     )
     insert into stock_movements (product_id, delta, kind, reason) values ($1, $2, 'manual', $3)`,
    [productId, delta, reason],
  );
  return 'changed';
}
