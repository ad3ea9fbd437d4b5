/** `STOCK_RESERVED` and `STOCK_REJECTED`: they end an order. */

import type { Sql } from '@microshop/database';
import {
  type EventEnvelope,
  type EventHandler,
  type Handled,
  handlesTogether,
  inTraceOf,
  PermanentError,
} from '@microshop/events';
import { eventBodies } from '@microshop/topology';
import type { FastifyBaseLogger } from 'fastify';
import type { OrderMetrics } from '../metrics.ts';
import { endOrders, type OrderEnd } from '../store/orders.ts';

/** An event, and the end it asks for. */
interface Answer {
  readonly event: EventEnvelope<unknown>;
  readonly end: OrderEnd;
}

/**
 * Handlers of what products answers; each runs in the transaction that records the messages in the inbox. Several orders
 * are ended by one statement as one is. An order that is locked is left for later.
 */
export function createStockAnswerHandlers(
  logger: FastifyBaseLogger,
  metrics: OrderMetrics,
): { readonly STOCK_RESERVED: EventHandler; readonly STOCK_REJECTED: EventHandler } {
  /** An end is logged and counted once it is committed. */
  async function handle(answers: readonly Answer[], tx: Sql): Promise<Handled> {
    // the first of two answers ends the order; the second finds it ended
    const firsts = new Map<number, Answer>();
    for (const answer of answers) if (!firsts.has(answer.end.id)) firsts.set(answer.end.id, answer);
    const outcomes = await endOrders(
      tx,
      [...firsts.values()].map(({ end }) => end),
    );
    const left: EventEnvelope<unknown>[] = [];
    const afterCommit: (() => void)[] = [];
    for (const answer of answers) {
      const { event, end } = answer;
      const outcome = outcomes.get(end.id);
      if (outcome === undefined) throw new PermanentError(`There is no order ${end.id}`);
      if (outcome.kind === 'locked') left.push(event);
      else if (outcome.kind === 'ended_before') logEndedBefore(answer, outcome.status);
      else if (firsts.get(end.id) !== answer) logEndedBefore(answer, end.status);
      else afterCommit.push(() => logEnd(answer, outcome.seconds));
    }
    return { left, afterCommit };
  }

  function logEnd({ event, end: { id, status, reason } }: Answer, seconds: number): void {
    metrics.ended(status, seconds);
    inTraceOf(event, () => logger.info({ order_id: id, status, reason }, 'order ended'));
  }

  /** An answer that is given again says the same. */
  function logEndedBefore({ event, end: { id, status } }: Answer, ended: string): void {
    const level = ended === status ? 'info' : 'warn';
    inTraceOf(event, () =>
      logger[level]({ order_id: id, status, ended }, 'order had ended before, its end stays'),
    );
  }

  return {
    STOCK_RESERVED: handlesTogether(eventBodies.STOCK_RESERVED, (events, tx) =>
      handle(
        events.map((event) => ({
          event,
          end: { id: event.body.order_id, status: 'CONFIRMED', reason: null },
        })),
        tx,
      ),
    ),
    STOCK_REJECTED: handlesTogether(eventBodies.STOCK_REJECTED, (events, tx) =>
      handle(
        events.map((event) => ({
          event,
          end: { id: event.body.order_id, status: 'REJECTED', reason: event.body.reason },
        })),
        tx,
      ),
    ),
  };
}
