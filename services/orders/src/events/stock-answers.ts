/** `STOCK_RESERVED` and `STOCK_REJECTED`: they end an order. */
import { type AfterCommit, type EventEnvelope, PermanentError } from '@microshop/events';
import { maxId, type Sql } from '@microshop/service-kit';
import type { FastifyBaseLogger } from 'fastify';
import { type Static, Type } from 'typebox';
import type { EndStatus } from '../domain/order.ts';
import type { OrderMetrics } from '../metrics.ts';
import { endOrder } from '../store/orders.ts';

const orderId = Type.Integer({ minimum: 1, maximum: maxId });

/** Body of `STOCK_RESERVED`. */
export const stockReservedBody = Type.Object({ order_id: orderId });

/** Body of `STOCK_REJECTED`. */
export const stockRejectedBody = Type.Object({ order_id: orderId, reason: Type.String() });

type Reserved = Static<typeof stockReservedBody>;
type Rejected = Static<typeof stockRejectedBody>;

/** Handlers of what products answers; each runs in the transaction that records the message in the inbox. */
export function createStockAnswerHandlers(logger: FastifyBaseLogger, metrics: OrderMetrics) {
  /** What an order's end is; told and counted once it is committed. */
  interface End {
    readonly id: number;
    readonly status: EndStatus;
    readonly reason: string | null;
  }

  async function end(tx: Sql, { id, status, reason }: End, afterCommit: AfterCommit) {
    const outcome = await endOrder(tx, id, status, reason);
    if (outcome.kind === 'unknown_order') throw new PermanentError(`There is no order ${id}`);
    if (outcome.kind === 'ended_before') {
      logger.warn({ order_id: id, status }, 'order had ended before, its end stays');
      return;
    }
    afterCommit(() => {
      metrics.ended(status, outcome.seconds);
      logger.info({ order_id: id, status, reason }, 'order ended');
    });
  }

  return {
    reserved: ({ body }: EventEnvelope<Reserved>, tx: Sql, afterCommit: AfterCommit) =>
      end(tx, { id: body.order_id, status: 'CONFIRMED', reason: null }, afterCommit),
    rejected: ({ body }: EventEnvelope<Rejected>, tx: Sql, afterCommit: AfterCommit) =>
      end(tx, { id: body.order_id, status: 'REJECTED', reason: body.reason }, afterCommit),
  };
}
