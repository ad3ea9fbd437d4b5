/** An event: as it is put into the outbox, and as it is handed to a handler. */
import { randomUUID } from 'node:crypto';
import { type EventBody, type EventType, eventRoute } from '@microshop/topology';
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
  /** Trace context of its processing: for the events it causes. */
  readonly trace: TraceHeaders;
  /** Why a person has given it up; its effect must not be made any more. */
  readonly refused?: string;
}

/** A trace context, the active one unless another is given: what an event belongs to. */
export function traceHeaders(of = context.active()): TraceHeaders {
  const headers: Record<string, string> = {};
  propagation.inject(of, headers);
  return headers;
}

/** What an event of that type has beside its body; it belongs to the active trace unless another is given. */
export function newEventHead(
  type: EventType,
  headers: TraceHeaders = traceHeaders(),
): Omit<OutboxMessage, 'body'> {
  return { messageId: randomUUID(), type, routingKey: eventRoute(type).routingKey, headers };
}

/** An event of that type; it belongs to the active trace unless another is given. */
export function newOutboxMessage<Type extends EventType>(
  type: Type,
  body: EventBody<Type>,
  headers?: TraceHeaders,
): OutboxMessage {
  return { ...newEventHead(type, headers), body };
}

/** Puts events into the outbox, in the transaction of what they tell. One statement, however many. */
export async function insertOutbox(tx: Sql, messages: readonly OutboxMessage[]): Promise<void> {
  await tx.query(
    `insert into outbox (message_id, type, routing_key, body, headers)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::jsonb[])`,
    [
      messages.map((message) => message.messageId),
      messages.map((message) => message.type),
      messages.map((message) => message.routingKey),
      messages.map((message) => JSON.stringify(message.body)),
      messages.map((message) => JSON.stringify(message.headers)),
    ],
  );
}
