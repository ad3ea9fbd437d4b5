/** `ORDER_CREATED`: takes the stock of all lines, or none, and says which. */
import { type EventEnvelope, insertOutbox, newOutboxMessage } from '@microshop/events';
import { maxId, type Sql } from '@microshop/service-kit';
import { type Static, Type } from 'typebox';
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

/** Body of `ORDER_CREATED`. */
export type OrderCreated = Static<typeof orderCreatedBody>;

/** Runs in the transaction that records the message in the inbox. */
export async function handleOrderCreated(event: EventEnvelope<OrderCreated>, tx: Sql): Promise<void> {
  const { order_id: orderId, items } = event.body;
  const lines = items.map((item) => ({ productId: item.product_id, quantity: item.quantity }));
  const short = await reserveStock(tx, orderId, lines);
  const answer =
    short.length === 0
      ? newOutboxMessage('STOCK_RESERVED', { order_id: orderId })
      : newOutboxMessage('STOCK_REJECTED', { order_id: orderId, reason: shortageReason(short) });
  await insertOutbox(tx, answer);
}

/** One sentence a customer can read. */
export function shortageReason(short: readonly Shortage[]): string {
  const parts = short.map((line) =>
    line.available === null
      ? `product ${line.productId} does not exist`
      : `product ${line.productId}: wanted ${line.wanted}, in stock ${line.available}`,
  );
  return `Not enough stock: ${parts.join('; ')}`;
}
