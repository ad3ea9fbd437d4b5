/** Reads products: catalogue fields through the cache, stock always from the database. */
import type { TransactionalSql } from '@microshop/service-kit';
import type { CatalogueCache } from '../cache/catalogue-cache.ts';
import type { CatalogueEntry, CatalogueStore } from '../store/catalogue.ts';
import { readStock } from '../store/stock.ts';

/** A product as it is sold. */
export interface StockedProduct extends CatalogueEntry {
  readonly stock: number;
}

/** Reads of the catalogue. */
export interface Catalogue {
  /** The products of those ids that exist, by id. */
  byIds(ids: readonly number[]): Promise<StockedProduct[]>;
  /** Up to `count` products with an id above `afterId`, by id. */
  list(afterId: number, count: number): Promise<StockedProduct[]>;
}

/** A catalogue over that store and cache. */
export function createCatalogue(options: {
  store: CatalogueStore;
  cache: CatalogueCache;
  sql: TransactionalSql;
}): Catalogue {
  const { store, cache, sql } = options;

  /** Products are never deleted, so an entry without a stock can only be one that the database lost. */
  function withStock(
    entries: Iterable<CatalogueEntry>,
    stocks: ReadonlyMap<number, number>,
  ): StockedProduct[] {
    return [...entries]
      .flatMap((entry) => {
        const stock = stocks.get(entry.id);
        return stock === undefined ? [] : [{ ...entry, stock }];
      })
      .sort((a, b) => a.id - b.id);
  }

  return {
    async byIds(ids) {
      const unique = [...new Set(ids)].sort((a, b) => a - b);
      const [entries, stocks] = await Promise.all([
        cache.entries(unique, (missing) => store.findByIds(missing)),
        readStock(sql, unique),
      ]);
      return withStock(entries.values(), stocks);
    },
    async list(afterId, count) {
      const entries = await cache.page(`${afterId}:${count}`, () => store.list(afterId, count));
      const stocks = await readStock(
        sql,
        entries.map((entry) => entry.id),
      );
      return withStock(entries, stocks);
    },
  };
}
