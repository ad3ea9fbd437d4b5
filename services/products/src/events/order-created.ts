/** `ORDER_CREATED`: takes the stock of all lines of an order, or none, and says which. */

import type { Sql } from '@microshop/database';
import {
  type EventEnvelope,
  type EventHandler,
  type Handled,
  handlesTogether,
  insertOutbox,
  newOutboxMessage,
  type OutboxMessage,
  type TraceHeaders,
} from '@microshop/events';
import { eventBodies } from '@microshop/topology';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { OrderOutcome, OrderOutcomes } from '../domain/reservation.ts';
import { outcomesOf, rejectOrder, reserveStock, writeReservation } from '../store/reservations.ts';

/** Body of `ORDER_CREATED`, as far as products reads it; further fields are the publisher's to add. */
export const orderCreatedBody = Type.Pick(eventBodies.ORDER_CREATED, ['order_id', 'items']);

/** The part of it that says which order. */
const orderReference = Type.Pick(orderCreatedBody, ['order_id']);

/** Body of `ORDER_CREATED`. */
export type OrderCreated = Static<typeof orderCreatedBody>;

/**
 * Runs in the transaction that records the messages in the inbox. Several orders take two statements as one does, so
 * that a hot product's row is locked once for all of them. Orders for a product that is locked are left for later.
 */
export async function handleOrdersCreated(
  events: readonly EventEnvelope<OrderCreated>[],
  tx: Sql,
): Promise<Handled> {
  const orders = events.map(({ body }) => ({
    orderId: body.order_id,
    lines: body.items.map((item) => ({ productId: item.product_id, quantity: item.quantity })),
  }));
  const reservation = await reserveStock(tx, orders);
  const { outcomes } = reservation;
  const answers = answersTo(
    events.map(({ body, trace }) => ({ orderId: body.order_id, trace })),
    outcomes,
  );
  // a new one is answered too
  if (answers.length > 0) await writeReservation(tx, reservation, answers);
  return { left: events.filter(({ body }) => !outcomes.has(body.order_id)) };
}

/**
 * Handles `ORDER_CREATED`; one that a person gives up rejects its order. A duplicate, under its own id or another,
 * gets the same answer again: the first answer may have been lost.
 */
export const orderCreatedHandler: EventHandler = {
  ...handlesTogether(orderCreatedBody, handleOrdersCreated),
  async refuse({ body, trace }, reason, tx) {
    // whatever else is wrong with the body, the order must end
    if (!Value.Check(orderReference, body)) return;
    const outcome = await rejectOrder(tx, body.order_id, reason);
    await insertOutbox(tx, [answer(body.order_id, outcome, trace)]);
  },
  async repeat(events, tx) {
    const orders = events.flatMap(({ body, trace }) =>
      Value.Check(orderReference, body) ? [{ orderId: body.order_id, trace }] : [],
    );
    const outcomes = await outcomesOf(
      tx,
      orders.map(({ orderId }) => orderId),
    );
    const answers = answersTo(orders, outcomes);
    if (answers.length > 0) await insertOutbox(tx, answers);
  },
};

/** Answers to those orders, each in its own trace; one without an outcome gets none. */
function answersTo(
  orders: readonly { readonly orderId: number; readonly trace: TraceHeaders }[],
  outcomes: OrderOutcomes,
): OutboxMessage[] {
  return orders.flatMap(({ orderId, trace }) => {
    const outcome = outcomes.get(orderId);
    return outcome === undefined ? [] : [answer(orderId, outcome, trace)];
  });
}

function answer(orderId: number, outcome: OrderOutcome, trace: TraceHeaders): OutboxMessage {
  return outcome.kind === 'reserved'
    ? newOutboxMessage('STOCK_RESERVED', { order_id: orderId }, trace)
    : newOutboxMessage('STOCK_REJECTED', { order_id: orderId, reason: outcome.reason }, trace);
}
