/** Reads products: names and descriptions through the cache, everything else always from the database. */
import type { Sql } from '@microshop/service-kit';
import type { CatalogueCache } from '../cache/catalogue-cache.ts';
import { countLookups } from '../cache/metrics.ts';
import type { CatalogueEntry, CatalogueStore } from '../store/catalogue.ts';
import { listRows, type ProductRow, readRows } from '../store/stock.ts';

/** A product as it is sold. */
export interface StockedProduct {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly priceCents: number;
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
  store: Pick<CatalogueStore, 'findByIds'>;
  cache: Pick<CatalogueCache, 'read' | 'fill'>;
  sql: Sql;
}): Catalogue {
  const { store, cache, sql } = options;
  const flights = new Map<string, Promise<ReadonlyMap<number, CatalogueEntry>>>();

  /**
   * Entries from the database, one load for the same rows at a time. A row's revision is part of the key: a load that
   * began before the row changed is nobody's who has seen the change.
   */
  function load(rows: readonly ProductRow[]): Promise<ReadonlyMap<number, CatalogueEntry>> {
    const key = rows.map(({ id, revision }) => `${id}@${revision}`).join(',');
    const running = flights.get(key);
    if (running !== undefined) return running;
    const flight = loadAndFill(rows.map(({ id }) => id)).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  }

  async function loadAndFill(ids: readonly number[]): Promise<ReadonlyMap<number, CatalogueEntry>> {
    const entries = await store.findByIds(ids);
    await cache.fill(entries);
    return new Map(entries.map((entry) => [entry.id, entry]));
  }

  async function complete(
    rows: readonly ProductRow[],
    cached: ReadonlyMap<number, CatalogueEntry>,
  ): Promise<StockedProduct[]> {
    const missing = rows.filter((row) => cached.get(row.id)?.revision !== row.revision);
    countLookups(rows.length - missing.length, missing.length);
    const loaded = missing.length === 0 ? undefined : await load(missing);
    return rows.flatMap(({ id, priceCents, stock }) => {
      const entry = loaded?.get(id) ?? cached.get(id);
      // Products are never deleted: a row without an entry is one that the database lost meanwhile.
      if (entry === undefined) return [];
      return [{ id, name: entry.name, description: entry.description, priceCents, stock }];
    });
  }

  return {
    async byIds(ids) {
      const unique = [...new Set(ids)].sort((a, b) => a - b);
      const [rows, cached] = await Promise.all([readRows(sql, unique), cache.read(unique)]);
      return await complete(rows, cached);
    },
    async list(afterId, count) {
      const rows = await listRows(sql, afterId, count);
      return await complete(rows, await cache.read(rows.map((row) => row.id)));
    },
  };
}
