/** Products in PostgreSQL: catalogue, stock and its movements; what orders take of it is in `reservations.ts`. */
import type { Database, Sql } from '@microshop/database';
import {
  type CatalogueEntry,
  maxStock,
  type ProductRow,
  type ProductStore,
  type StockChange,
} from '../domain/product.ts';
import { ProductEntity } from './entities.ts';

const rowColumns = 'id, revision, price_cents as "priceCents", stock';

/** Products of that database. */
export function createProductStore(database: Database): ProductStore {
  const { sql } = database;
  return {
    async create(fields) {
      return database.em().transactional(async (em) => {
        const product = em.create(ProductEntity, { ...fields, createdAt: new Date() });
        await em.persist(product).flush();
        await em
          .getConnection()
          .execute(
            `insert into stock_movements (product_id, delta, kind) values (?, ?, 'initial')`,
            [product.id, fields.stock],
            'run',
            em.getTransactionContext(),
          );
        return product;
      });
    },
    async update(id, { name, description, priceCents }) {
      const changed = await sql.query(
        `update products set
           name = coalesce($2, name),
           description = coalesce($3, description),
           price_cents = coalesce($4, price_cents),
           revision = revision + 1
         where id = $1 returning id`,
        [id, name ?? null, description ?? null, priceCents ?? null],
      );
      return changed.length > 0;
    },
    changeStock: (id, delta, reason) => sql.transaction((tx) => changeStock(tx, id, delta, reason)),
    readRows: (ids) =>
      sql.query<ProductRow>(`select ${rowColumns} from products where id = any($1::integer[]) order by id`, [
        [...ids],
      ]),
    listRows: (afterId, count) =>
      sql.query<ProductRow>(`select ${rowColumns} from products where id > $1 order by id limit $2`, [
        afterId,
        count,
      ]),
    readEntries: (ids) =>
      sql.query<CatalogueEntry>(
        'select id, revision, name, description from products where id = any($1::integer[])',
        [[...ids]],
      ),
  };
}

/** Under the lock of the row; the column and its movement together. */
async function changeStock(tx: Sql, productId: number, delta: number, reason: string): Promise<StockChange> {
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
