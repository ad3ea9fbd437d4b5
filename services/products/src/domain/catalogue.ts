/**
 * The catalogue: names and descriptions through the cache, everything else always from where products are kept.
 *
 * A change makes the next revision of its row. That is what invalidates: an entry of another revision is no longer
 * valid in any replica, whether the cache has heard of the change or not. The next read of the product, usually by the
 * request that changed it, refills the cache.
 */
import type {
  CatalogueEntry,
  EntryCache,
  NewProduct,
  ProductChanges,
  ProductRow,
  ProductStore,
  StockChange,
  StockedProduct,
} from './product.ts';

/** Products, read and changed. */
export interface Catalogue {
  /** The products of those ids that exist, by id. */
  byIds(ids: readonly number[]): Promise<StockedProduct[]>;
  /** Up to `count` products with an id above `afterId`, by id. */
  list(afterId: number, count: number): Promise<StockedProduct[]>;
  create(product: NewProduct): Promise<StockedProduct>;
  /** The product after the changes; null when there is none. */
  change(id: number, changes: ProductChanges): Promise<StockedProduct | null>;
  /** Adds `delta` units (negative: takes them) with a reason: the product after it, or why nothing was changed. */
  changeStock(id: number, delta: number, reason: string): Promise<StockedProduct | StockRefusal>;
}

/** Why a stock was not changed. */
export type StockRefusal = Exclude<StockChange, 'changed'>;

/** What {@link createCatalogue} works with. */
export interface CatalogueOptions {
  readonly store: ProductStore;
  readonly cache: EntryCache;
  /** Counts what of a read was in the cache and in effect, and what was not. */
  readonly countLookups: (found: number, missing: number) => void;
}

/** A catalogue over that store and cache. */
export function createCatalogue({ store, cache, countLookups }: CatalogueOptions): Catalogue {
  const flights = new Map<string, Promise<ReadonlyMap<number, CatalogueEntry>>>();

  /**
   * Entries from the database, one load for the same rows at a time. A row's revision is part of the key: a reader that
   * has seen a change does not share a load that began before it.
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
    const entries = await store.readEntries(ids);
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

  async function byIds(ids: readonly number[]): Promise<StockedProduct[]> {
    const unique = [...new Set(ids)].sort((a, b) => a - b);
    const [rows, cached] = await Promise.all([store.readRows(unique), cache.read(unique)]);
    return await complete(rows, cached);
  }

  async function byId(id: number): Promise<StockedProduct | undefined> {
    const [product] = await byIds([id]);
    return product;
  }

  return {
    byIds,
    async list(afterId, count) {
      const rows = await store.listRows(afterId, count);
      return await complete(rows, await cache.read(rows.map((row) => row.id)));
    },
    create: (product) => store.create(product),
    async change(id, changes) {
      return (await store.update(id, changes)) ? ((await byId(id)) ?? null) : null;
    },
    async changeStock(id, delta, reason) {
      const outcome = await store.changeStock(id, delta, reason);
      return outcome === 'changed' ? ((await byId(id)) ?? 'unknown_product') : outcome;
    },
  };
}
