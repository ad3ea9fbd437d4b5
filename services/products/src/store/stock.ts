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

/** Stocks by product id, as they are now. */
export async function readStock(sql: Sql, ids: readonly number[]): Promise<Map<number, number>> {
  const rows = await sql.query<{ id: number; stock: number }>(
    'select id, stock from products where id = any($1::integer[])',
    [[...ids]],
  );
  return new Map(rows.map((row) => [row.id, row.stock]));
}

/**
 * Takes all lines of an order, or none. Rows are locked in the order of their ids, so two orders for the same
 * products cannot wait for each other. Each product must stand in one line only.
 *
 * @returns what is short; empty when everything was taken.
 */
export async function reserveStock(
  tx: Sql,
  orderId: number,
  lines: readonly StockLine[],
): Promise<Shortage[]> {
  const ids = lines.map((line) => line.productId);
  const locked = await tx.query<{ id: number; stock: number }>(
    'select id, stock from products where id = any($1::integer[]) order by id for no key update',
    [ids],
  );
  const stocks = new Map(locked.map((row) => [row.id, row.stock]));
  const short = lines.flatMap((line): Shortage[] => {
    const available = stocks.get(line.productId) ?? null;
    if (available !== null && available >= line.quantity) return [];
    return [{ productId: line.productId, wanted: line.quantity, available }];
  });
  if (short.length > 0) return short;

  await tx.query(
    `with line as (
       select * from unnest($2::integer[], $3::integer[]) as line (product_id, quantity)
     ), taken as (
       update products set stock = stock - line.quantity from line where products.id = line.product_id
     )
     insert into stock_movements (product_id, delta, kind, order_id)
     select product_id, -quantity, 'reserved', $1 from line`,
    [orderId, ids, lines.map((line) => line.quantity)],
  );
  return [];
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
