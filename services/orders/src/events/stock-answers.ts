/** `STOCK_RESERVED` and `STOCK_REJECTED`: they end an order. */
import { type AfterCommit, type EventEnvelope, type LeaveEvent, PermanentError } from '@microshop/events';
import type { Sql } from '@microshop/service-kit';
import type { EventBody } from '@microshop/topology';
import type { FastifyBaseLogger } from 'fastify';
import type { EndStatus } from '../domain/order.ts';
import type { OrderMetrics } from '../metrics.ts';
import { endOrder } from '../store/orders.ts';

/** Handlers of what products answers; each runs in the transaction that records the message in the inbox. */
export function createStockAnswerHandlers(logger: FastifyBaseLogger, metrics: OrderMetrics) {
  /** What an order's end is; told and counted once it is committed. */
  interface End {
    readonly id: number;
    readonly status: EndStatus;
    readonly reason: string | null;
  }

  async function end(
    event: EventEnvelope<unknown>,
    { id, status, reason }: End,
    tx: Sql,
    afterCommit: AfterCommit,
    leave: LeaveEvent,
  ): Promise<void> {
    const outcome = await endOrder(tx, id, status, reason);
    if (outcome.kind === 'unknown_order') throw new PermanentError(`There is no order ${id}`);
    if (outcome.kind === 'locked') {
      leave(event);
      return;
    }
    if (outcome.kind === 'ended_before') {
      // an answer that is given again says the same
      const told = outcome.status === status ? 'info' : 'warn';
      logger[told]({ order_id: id, status, ended: outcome.status }, 'order had ended before, its end stays');
      return;
    }
    afterCommit(() => {
      metrics.ended(status, outcome.seconds);
      logger.info({ order_id: id, status, reason }, 'order ended');
    });
  }

  return {
    reserved: (
      event: EventEnvelope<EventBody<'STOCK_RESERVED'>>,
      tx: Sql,
      afterCommit: AfterCommit,
      leave: LeaveEvent,
    ) => {
      const { order_id: id } = event.body;
      return end(event, { id, status: 'CONFIRMED', reason: null }, tx, afterCommit, leave);
    },
    rejected: (
      event: EventEnvelope<EventBody<'STOCK_REJECTED'>>,
      tx: Sql,
      afterCommit: AfterCommit,
      leave: LeaveEvent,
    ) => {
      const { order_id: id, reason } = event.body;
      return end(event, { id, status: 'REJECTED', reason }, tx, afterCommit, leave);
    },
  };
}
