/** Products in PostgreSQL: the catalogue fields, and the stock beside them. */
import type { Database } from '@microshop/service-kit';
import { type Product, ProductEntity } from './entities.ts';

/** What the cache may hold of a product: what the reader of a page sees, and nobody is charged for. */
export interface CatalogueEntry {
  readonly id: number;
  /** Counts the changes of the row; an entry of another revision is not in effect. */
  readonly revision: number;
  readonly name: string;
  readonly description: string;
}

/** Changes of a product; what is absent stays. */
export interface ProductChanges {
  readonly name?: string;
  readonly description?: string;
  readonly priceCents?: number;
}

/** Fields of a new product. */
export interface NewProduct {
  readonly name: string;
  readonly description: string;
  readonly priceCents: number;
  readonly stock: number;
}

/** Access to products. */
export interface CatalogueStore {
  /** The product, with its first stock movement. */
  create(product: NewProduct): Promise<Product>;
  /** Makes the changes and the next revision of the row. Whether there is such a product. */
  update(id: number, changes: ProductChanges): Promise<boolean>;
  /** The entries of those ids that exist, in no particular order. */
  findByIds(ids: readonly number[]): Promise<CatalogueEntry[]>;
}

/** Products of that database. */
export function createCatalogueStore(database: Database): CatalogueStore {
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
      const changed = await database.sql.query(
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
    findByIds: (ids) =>
      database.sql.query<CatalogueEntry>(
        'select id, revision, name, description from products where id = any($1::integer[])',
        [[...ids]],
      ),
  };
}
