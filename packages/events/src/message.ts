/** An event: as it is put into the outbox, as it is read from a message of the broker, as a handler gets it. */
import { randomUUID } from 'node:crypto';
import type { Sql } from '@microshop/database/sql';
import { type EventBody, type EventType, eventHeaders, eventRoute, eventRoutes } from '@microshop/topology';
import { type Context, context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import type { ConsumeMessage } from 'amqplib';

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

/** Does this in the trace of an event's processing: what is logged about one of several that are handled together. */
export function inTraceOf(event: EventEnvelope<unknown>, work: () => void): void {
  context.with(propagation.extract(ROOT_CONTEXT, event.trace), work);
}

/** What an event of that type has in addition to its body; it belongs to the active trace unless another is given. */
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

/**
 * SQL that puts events into the outbox, however many, to stand alone or in a `with`: its values are those of
 * {@link outboxValues}, from that placeholder on.
 */
export function insertOutboxSql(first: number): string {
  const types = ['uuid[]', 'text[]', 'text[]', 'jsonb[]', 'jsonb[]'];
  const columns = types.map((type, index) => `$${first + index}::${type}`);
  return `insert into outbox (message_id, type, routing_key, body, headers)
     select * from unnest(${columns.join(', ')})`;
}

/** Values of {@link insertOutboxSql}. */
export function outboxValues(messages: readonly OutboxMessage[]): readonly unknown[] {
  return [
    messages.map((message) => message.messageId),
    messages.map((message) => message.type),
    messages.map((message) => message.routingKey),
    messages.map((message) => JSON.stringify(message.body)),
    messages.map((message) => JSON.stringify(message.headers)),
  ];
}

const insertSql = insertOutboxSql(1);

/** Puts events into the outbox, in the transaction of what they report. One statement, however many. */
export async function insertOutbox(tx: Sql, messages: readonly OutboxMessage[]): Promise<void> {
  await tx.query(insertSql, outboxValues(messages));
}

/** Thrown by a handler when a message can never take effect; it goes to the dead-letter queue with this reason. */
export class PermanentError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PermanentError';
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Strict: bytes that are not UTF-8 would be replaced otherwise, and a byte order mark is not JSON. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The event in a message. Throws {@link PermanentError} when there is none. */
export function readEnvelope(message: ConsumeMessage, of: Context): EventEnvelope<unknown> {
  const { messageId, type }: { messageId?: unknown; type?: unknown } = message.properties;
  if (typeof messageId !== 'string' || !uuid.test(messageId))
    throw new PermanentError('messageId is not a UUID');
  const known = eventRoutes.find((route) => route.type === type);
  if (known === undefined)
    throw new PermanentError(`type ${JSON.stringify(type)} is not an event of the shop`);
  try {
    const body: unknown = JSON.parse(utf8.decode(message.content));
    const refused: unknown = message.properties.headers?.[eventHeaders.refused];
    return {
      // PostgreSQL gives ids back in lower case
      messageId: messageId.toLowerCase(),
      type: known.type,
      body,
      trace: traceHeaders(of),
      ...(typeof refused === 'string' ? { refused } : {}),
    };
  } catch (error) {
    throw new PermanentError('the body is not JSON', { cause: error });
  }
}

/** Seconds since the event was written to its outbox; undefined when the message does not say. */
export function ageOf(message: ConsumeMessage): number | undefined {
  const created: unknown = message.properties.headers?.[eventHeaders.created];
  return typeof created === 'number' ? Math.max(0, Date.now() - created) / 1000 : undefined;
}
