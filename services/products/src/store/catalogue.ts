/** Products in PostgreSQL: the catalogue fields, and the stock beside them. */
import type { Database } from '@microshop/service-kit';
import { type Product, ProductEntity } from './entities.ts';

/** Fields of a product that the cache may hold: everything but the stock. */
export interface CatalogueEntry {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly priceCents: number;
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
  /** The changed product, or null when there is none. */
  update(id: number, changes: Partial<Omit<CatalogueEntry, 'id'>>): Promise<Product | null>;
  /** The entries of those ids that exist, in no particular order. */
  findByIds(ids: readonly number[]): Promise<CatalogueEntry[]>;
  /** Up to `count` entries with an id above `afterId`, by id. */
  list(afterId: number, count: number): Promise<CatalogueEntry[]>;
}

function entry(product: Product): CatalogueEntry {
  return {
    id: product.id,
    name: product.name,
    description: product.description,
    priceCents: product.priceCents,
  };
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
    async update(id, changes) {
      const em = database.em();
      const product = await em.findOne(ProductEntity, { id });
      if (product === null) return null;
      em.assign(product, changes);
      await em.flush();
      return product;
    },
    async findByIds(ids) {
      const products = await database.em().find(ProductEntity, { id: { $in: [...ids] } });
      return products.map(entry);
    },
    async list(afterId, count) {
      const products = await database
        .em()
        .find(ProductEntity, { id: { $gt: afterId } }, { orderBy: { id: 'asc' }, limit: count });
      return products.map(entry);
    },
  };
}
