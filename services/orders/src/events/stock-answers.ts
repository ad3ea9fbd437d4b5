/** `STOCK_RESERVED` and `STOCK_REJECTED`: they end an order. */
import { type EventEnvelope, PermanentError } from '@microshop/events';
import { maxId, type Sql } from '@microshop/service-kit';
import type { FastifyBaseLogger } from 'fastify';
import { type Static, Type } from 'typebox';
import type { OrderStatus } from '../domain/order.ts';
import { endOrder } from '../store/orders.ts';

const orderId = Type.Integer({ minimum: 1, maximum: maxId });

/** Body of `STOCK_RESERVED`. */
export const stockReservedBody = Type.Object({ order_id: orderId });

/** Body of `STOCK_REJECTED`. */
export const stockRejectedBody = Type.Object({ order_id: orderId, reason: Type.String() });

type Reserved = Static<typeof stockReservedBody>;
type Rejected = Static<typeof stockRejectedBody>;

/** Handlers of what products answers; each runs in the transaction that records the message in the inbox. */
export function createStockAnswerHandlers(logger: FastifyBaseLogger) {
  async function end(tx: Sql, id: number, status: Exclude<OrderStatus, 'PENDING'>, reason: string | null) {
    const outcome = await endOrder(tx, id, status, reason);
    if (outcome === 'unknown_order') throw new PermanentError(`There is no order ${id}`);
    if (outcome === 'ended_before') {
      logger.warn({ order_id: id, status }, 'order had ended before, its end stays');
      return;
    }
    logger.info({ order_id: id, status, reason }, 'order ended');
  }

  return {
    reserved: ({ body }: EventEnvelope<Reserved>, tx: Sql) => end(tx, body.order_id, 'CONFIRMED', null),
    rejected: ({ body }: EventEnvelope<Rejected>, tx: Sql) => end(tx, body.order_id, 'REJECTED', body.reason),
  };
}
