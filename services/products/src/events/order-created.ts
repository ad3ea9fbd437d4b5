/** `ORDER_CREATED`: takes the stock of all lines of an order, or none, and says which. */
import {
  type EventEnvelope,
  type EventHandler,
  handlesTogether,
  insertOutbox,
  newOutboxMessage,
} from '@microshop/events';
import { maxId, type Sql } from '@microshop/service-kit';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { reserveStock, type Shortage } from '../store/stock.ts';

/** Body of `ORDER_CREATED`, as far as products reads it; further fields are the publisher's to add. */
export const orderCreatedBody = Type.Object({
  order_id: Type.Integer({ minimum: 1, maximum: maxId }),
  items: Type.Array(
    Type.Object({
      product_id: Type.Integer({ minimum: 1, maximum: maxId }),
      quantity: Type.Integer({ minimum: 1, maximum: maxId }),
    }),
    { minItems: 1, maxItems: 100 },
  ),
});

/** The part of it that says which order. */
const orderReference = Type.Pick(orderCreatedBody, ['order_id']);

/** Body of `ORDER_CREATED`. */
export type OrderCreated = Static<typeof orderCreatedBody>;

/**
 * Runs in the transaction that records the messages in the inbox. Several orders take three statements as one does, so
 * that a hot product's row is locked once for all of them.
 */
export async function handleOrdersCreated(
  events: readonly EventEnvelope<OrderCreated>[],
  tx: Sql,
): Promise<void> {
  const orders = events.map(({ body }) => ({
    orderId: body.order_id,
    lines: body.items.map((item) => ({ productId: item.product_id, quantity: item.quantity })),
  }));
  const shortages = await reserveStock(tx, orders);
  const answers = events.map(({ body, trace }) => {
    const orderId = body.order_id;
    const short = shortages.get(orderId) ?? [];
    return short.length === 0
      ? newOutboxMessage('STOCK_RESERVED', { order_id: orderId }, trace)
      : newOutboxMessage('STOCK_REJECTED', { order_id: orderId, reason: shortageReason(short) }, trace);
  });
  await insertOutbox(tx, answers);
}

/** Handles `ORDER_CREATED`; one that a person gives up rejects its order. */
export const orderCreatedHandler: EventHandler = {
  ...handlesTogether(orderCreatedBody, handleOrdersCreated),
  async refuse({ body, trace }, reason, tx) {
    // whatever else is wrong with the body, the order is to end
    if (!Value.Check(orderReference, body)) return;
    await insertOutbox(tx, [newOutboxMessage('STOCK_REJECTED', { order_id: body.order_id, reason }, trace)]);
  },
};

/** One sentence a customer can read. */
export function shortageReason(short: readonly Shortage[]): string {
  const parts = short.map((line) =>
    line.available === null
      ? `product ${line.productId} does not exist`
      : `product ${line.productId}: wanted ${line.wanted}, in stock ${line.available}`,
  );
  return `Not enough stock: ${parts.join('; ')}`;
}
