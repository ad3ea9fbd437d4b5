/** What events tell: one schema per event, for who publishes it and who consumes it. */
import { type Static, Type } from 'typebox';
import { maxId, orderLimits } from './limits.ts';

const id = Type.Integer({ minimum: 1, maximum: maxId });

/** Bodies by type. A consumer may read a part (`Type.Pick`): further fields are the publisher's to add. */
export const eventBodies = {
  /** An order was placed. */
  ORDER_CREATED: Type.Object({
    order_id: id,
    user_id: id,
    items: Type.Array(
      Type.Object({ product_id: id, quantity: Type.Integer({ minimum: 1, maximum: maxId }) }),
      {
        minItems: 1,
        maxItems: orderLimits.lines,
      },
    ),
    /** In the shop's currency, two decimals. */
    total_price: Type.Number({ minimum: 0 }),
  }),
  /** Stock of all its lines was taken: the order is confirmed. */
  STOCK_RESERVED: Type.Object({ order_id: id }),
  /** Nothing was taken: the order is rejected, and why. */
  STOCK_REJECTED: Type.Object({ order_id: id, reason: Type.String() }),
};

/** Type of an event, as in the AMQP property `type`. */
export type EventType = keyof typeof eventBodies;

/** Body of an event of that type. */
export type EventBody<Name extends EventType> = Static<(typeof eventBodies)[Name]>;
