/** An order, from what a client asks for to what is kept. */
import { createHash } from 'node:crypto';

/** How an order ends, once. */
export const endStatuses = ['CONFIRMED', 'REJECTED'] as const;

/** How an order ends. */
export type EndStatus = (typeof endStatuses)[number];

/** Where an order is. */
export const orderStatuses = ['PENDING', ...endStatuses] as const;

/** Where an order is. */
export type OrderStatus = (typeof orderStatuses)[number];

/** One product and how many of it. */
export interface OrderLine {
  readonly productId: number;
  readonly quantity: number;
}

/** What a client asks for, equal products added up. */
export interface OrderRequest {
  readonly userId: number;
  readonly lines: readonly OrderLine[];
}

/** A line with the price it was sold at. */
export interface PricedLine extends OrderLine {
  readonly priceCents: number;
}

/** An order as it is kept. */
export interface Order {
  readonly id: number;
  readonly userId: number;
  readonly lines: readonly PricedLine[];
  readonly totalCents: number;
  readonly status: OrderStatus;
  readonly reason: string | null;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
}

/** An order to be written. */
export interface NewOrder {
  readonly userId: number;
  readonly lines: readonly PricedLine[];
  readonly key: string | undefined;
  readonly hash: Buffer;
}

/** An order found by its idempotency key. */
export interface KeyedOrder {
  readonly order: Order;
  readonly hash: Buffer;
}

/** What a list shows. */
export interface OrderFilter {
  readonly userId?: number;
  readonly status?: OrderStatus;
}

/** Where orders are kept. */
export interface OrderStore {
  /** Writes order, lines, key and event together. Null when the key has an order already. */
  place(order: NewOrder): Promise<Order | null>;
  findByKey(key: string): Promise<KeyedOrder | null>;
  findById(id: number): Promise<Order | null>;
  /** Up to `count` orders with an id above `afterId`, by id. */
  list(filter: OrderFilter, afterId: number, count: number): Promise<Order[]>;
}

/** Adds up lines of equal products, in the order in which each product came first. */
export function addUpLines(lines: readonly OrderLine[]): OrderLine[] {
  const quantities = new Map<number, number>();
  for (const { productId, quantity } of lines) {
    quantities.set(productId, (quantities.get(productId) ?? 0) + quantity);
  }
  return [...quantities].map(([productId, quantity]) => ({ productId, quantity }));
}

/** Sum of the lines, cents. */
export function totalCents(lines: readonly PricedLine[]): number {
  return lines.reduce((sum, line) => sum + line.priceCents * line.quantity, 0);
}

/**
 * SHA-256 of what was asked for, so that a repeated key can be distinguished from a reused one. Two ways to write the
 * same order (one-line form, split lines, other sequence) hash alike.
 */
export function requestHash(request: OrderRequest): Buffer {
  const lines = request.lines
    .map((line) => [line.productId, line.quantity] as const)
    .sort(([a], [b]) => a - b);
  return createHash('sha256')
    .update(JSON.stringify([request.userId, lines]))
    .digest();
}
