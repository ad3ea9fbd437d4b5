/** A product: its limits, what is kept of it, and where. */
import { text } from '@microshop/service-kit';
import { Type } from 'typebox';

/** Name, 1 to 200 characters. */
export const productName = text(1, 200, 'Name of the product');

/** Description, up to 4000 characters; PostgreSQL stores no NUL. */
export const productDescription = Type.String({ maxLength: 4000, pattern: '^[^\\u0000]*$' });

/** Largest stock: PostgreSQL's `integer`. */
export const maxStock = 2_147_483_647;

/** A product as it is sold. */
export interface StockedProduct {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly priceCents: number;
  readonly stock: number;
}

/** Fields of a new product. */
export type NewProduct = Omit<StockedProduct, 'id'>;

/** Changes of a product; what is absent stays. */
export interface ProductChanges {
  readonly name?: string;
  readonly description?: string;
  readonly priceCents?: number;
}

/** What is read of a product each time, and never from the cache. */
export interface ProductRow {
  readonly id: number;
  /** Counts the changes of what the cache holds of it. */
  readonly revision: number;
  readonly priceCents: number;
  readonly stock: number;
}

/** What the cache may hold of a product: what a reader of the catalogue sees; no order is charged by it. */
export interface CatalogueEntry {
  readonly id: number;
  /** That of the row it was read from; an entry of another revision is not in effect. */
  readonly revision: number;
  readonly name: string;
  readonly description: string;
}

/** What came of a change of the stock by hand. */
export type StockChange = 'changed' | 'unknown_product' | 'below_zero' | 'above_maximum';

/** Where products are kept. */
export interface ProductStore {
  /** The product, with its first stock movement. */
  create(product: NewProduct): Promise<StockedProduct>;
  /** Makes the changes and the next revision of the row. Whether there is such a product. */
  update(id: number, changes: ProductChanges): Promise<boolean>;
  /** Adds `delta` units (negative: takes them) with a reason. */
  changeStock(id: number, delta: number, reason: string): Promise<StockChange>;
  /** The rows of those ids that exist, by id, as they are now. */
  readRows(ids: readonly number[]): Promise<ProductRow[]>;
  /** Up to `count` rows with an id above `afterId`, by id, as they are now. */
  listRows(afterId: number, count: number): Promise<ProductRow[]>;
  /** The entries of those ids that exist, in no particular order. */
  readEntries(ids: readonly number[]): Promise<CatalogueEntry[]>;
}

/** Where entries are kept for the next reader. Nothing here rejects. */
export interface EntryCache {
  /** Entries of those ids that are there, whatever their revision. */
  read(ids: readonly number[]): Promise<ReadonlyMap<number, CatalogueEntry>>;
  /** Keeps entries. */
  fill(entries: readonly CatalogueEntry[]): Promise<void>;
}
