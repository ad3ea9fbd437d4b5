/** Stock: a column and its movements, changed together; what orders take of it is in `reservations.ts`. */
import type { Sql } from '@microshop/service-kit';

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
