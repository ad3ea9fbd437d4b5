/** Orders and their lines as they are stored. */
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { OrderStatus } from '../domain/order.ts';

/** Table `orders`. */
export const OrderEntity = defineEntity({
  name: 'Order',
  tableName: 'orders',
  properties: {
    id: p.integer().primary(),
    userId: p.integer(),
    totalCents: p.bigint('number'),
    status: p.text().$type<OrderStatus>(),
    reason: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    endedAt: p.datetime().nullable(),
    idempotencyKey: p.text().nullable(),
    /** SHA-256 of what was asked for; with a key only. */
    requestHash: p.blob().nullable(),
  },
});

/** Table `order_lines`. */
export const OrderLineEntity = defineEntity({
  name: 'OrderLine',
  tableName: 'order_lines',
  properties: {
    orderId: p.integer().primary(),
    lineNumber: p.integer().primary(),
    productId: p.integer(),
    quantity: p.integer(),
    priceCents: p.integer(),
  },
});

/** Row of `orders`. */
export type OrderRow = InferEntity<typeof OrderEntity>;

/** Row of `order_lines`. */
export type OrderLineRow = InferEntity<typeof OrderLineEntity>;
