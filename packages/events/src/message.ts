/** An event: as it is put into the outbox, and as it is handed to a handler. */
import { randomUUID } from 'node:crypto';
import { type EventType, eventRoute } from '@microshop/topology';
import { context, propagation } from '@opentelemetry/api';
import type { Sql } from './sql.ts';

/** Trace context of an event: `traceparent`, `tracestate`, `baggage`, those that there are. */
export type TraceHeaders = Readonly<Record<string, string>>;

/** An event to be put into the outbox. */
export interface OutboxMessage {
  /** UUID; consumers take effect once per id. */
  readonly messageId: string;
  readonly type: EventType;
  readonly routingKey: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: TraceHeaders;
}

/** An event as a handler gets it. */
export interface EventEnvelope<Body> {
  readonly messageId: string;
  readonly type: EventType;
  readonly body: Body;
}

/** The active trace context, so that the event belongs to the trace of the request that caused it. */
export function traceHeaders(): TraceHeaders {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

/** An event of that type with the active trace context. */
export function newOutboxMessage(type: EventType, body: Readonly<Record<string, unknown>>): OutboxMessage {
  return {
    messageId: randomUUID(),
    type,
    routingKey: eventRoute(type).routingKey,
    body,
    headers: traceHeaders(),
  };
}

/** Puts an event into the outbox, in the transaction of what it tells. */
export async function insertOutbox(tx: Sql, message: OutboxMessage): Promise<void> {
  await tx.query(
    'insert into outbox (message_id, type, routing_key, body, headers) values ($1, $2, $3, $4, $5)',
    [
      message.messageId,
      message.type,
      message.routingKey,
      JSON.stringify(message.body),
      JSON.stringify(message.headers),
    ],
  );
}
