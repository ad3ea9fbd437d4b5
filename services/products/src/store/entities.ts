/** Products and their stock as they are stored. */
import { defineEntity, p } from '@mikro-orm/core';

/** Table `products`. */
export const ProductEntity = defineEntity({
  name: 'Product',
  tableName: 'products',
  properties: {
    id: p.integer().primary(),
    name: p.text(),
    description: p.text().default(''),
    priceCents: p.integer(),
    /** Units that can still be sold; the sum of the movements. */
    stock: p.integer(),
    /** Counts the changes of name, description and price, from 1. */
    revision: p.integer().default(1),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** Table `stock_movements`: why a stock is what it is. */
export const StockMovementEntity = defineEntity({
  name: 'StockMovement',
  tableName: 'stock_movements',
  properties: {
    id: p.bigint().primary(),
    productId: p.integer(),
    /** Units added, negative when taken. */
    delta: p.integer(),
    kind: p.enum(['initial', 'reserved', 'manual']).$type<'initial' | 'reserved' | 'manual'>(),
    /** The order that took them; for `reserved` only. */
    orderId: p.integer().nullable(),
    /** Why a person changed it; for `manual` only. */
    reason: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});
