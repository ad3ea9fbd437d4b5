/** `STOCK_RESERVED` and `STOCK_REJECTED`: they end an order. */

import type { Sql } from '@microshop/database';
import { type EventEnvelope, type Handled, PermanentError } from '@microshop/events';
import type { EventBody } from '@microshop/topology';
import type { FastifyBaseLogger } from 'fastify';
import type { EndStatus } from '../domain/order.ts';
import type { OrderMetrics } from '../metrics.ts';
import { endOrder } from '../store/orders.ts';

/** Handlers of what products answers; each runs in the transaction that records the message in the inbox. */
export function createStockAnswerHandlers(logger: FastifyBaseLogger, metrics: OrderMetrics) {
  /** What an order's end is; logged and counted once it is committed. */
  interface End {
    readonly id: number;
    readonly status: EndStatus;
    readonly reason: string | null;
  }

  async function end(event: EventEnvelope<unknown>, { id, status, reason }: End, tx: Sql): Promise<Handled> {
    const outcome = await endOrder(tx, id, status, reason);
    if (outcome.kind === 'unknown_order') throw new PermanentError(`There is no order ${id}`);
    if (outcome.kind === 'locked') return { left: [event] };
    if (outcome.kind === 'ended_before') {
      // an answer that is given again says the same
      const level = outcome.status === status ? 'info' : 'warn';
      logger[level]({ order_id: id, status, ended: outcome.status }, 'order had ended before, its end stays');
      return {};
    }
    const { seconds } = outcome;
    const tell = () => {
      metrics.ended(status, seconds);
      logger.info({ order_id: id, status, reason }, 'order ended');
    };
    return { afterCommit: [tell] };
  }

  return {
    reserved: (event: EventEnvelope<EventBody<'STOCK_RESERVED'>>, tx: Sql) =>
      end(event, { id: event.body.order_id, status: 'CONFIRMED', reason: null }, tx),
    rejected: (event: EventEnvelope<EventBody<'STOCK_REJECTED'>>, tx: Sql) =>
      end(event, { id: event.body.order_id, status: 'REJECTED', reason: event.body.reason }, tx),
  };
}
