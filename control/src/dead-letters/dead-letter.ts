/** A dead letter as people see it. */
import { createHash } from 'node:crypto';
import { eventHeaders, maxId, traceIdIn } from '@microshop/topology';
import type { GetMessage } from 'amqplib';
import type { DeadLetter } from './schemas.ts';

/** Headers of a message, whatever they hold. */
export function headersOf(message: GetMessage): Record<string, unknown> {
  return { ...message.properties.headers };
}

/** Describes a message that is in the dead-letter queue of `queue`. */
export function describe(message: GetMessage, queue: string): DeadLetter {
  const { messageId, type, timestamp }: { messageId?: unknown; type?: unknown; timestamp?: unknown } =
    message.properties;
  const headers = headersOf(message);
  const traceparent = headers['traceparent'];
  return {
    id: letterId(messageId, message.content),
    queue,
    type: typeof type === 'string' ? type : null,
    order_id: orderIdOf(message.content),
    reason: reasonOf(headers),
    trace_id: typeof traceparent === 'string' ? (traceIdIn(traceparent) ?? null) : null,
    published_at: typeof timestamp === 'number' ? timeOf(timestamp) : null,
  };
}

/** AMQP's time has 64 bits of seconds; most of them are no date. */
function timeOf(seconds: number): string | null {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** What a dead letter is called: `id` of `deadLetterSchema`. */
export function letterId(messageId: unknown, content: Buffer): string {
  if (typeof messageId === 'string' && messageId !== '') return messageId;
  return `sha256:${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
}

function orderIdOf(content: Buffer): number | null {
  try {
    const body: unknown = JSON.parse(content.toString('utf8'));
    if (typeof body !== 'object' || body === null || !('order_id' in body)) return null;
    const { order_id: id } = body;
    return typeof id === 'number' && Number.isInteger(id) && id >= 1 && id <= maxId ? id : null;
  } catch {
    return null;
  }
}

/** A consumer's own words; else the broker's, which dead-letters what was delivered too often. */
function reasonOf(headers: Readonly<Record<string, unknown>>): string {
  const error = headers[eventHeaders.error];
  if (typeof error === 'string') return error;
  const death: unknown = Array.isArray(headers['x-death']) ? headers['x-death'][0] : undefined;
  const reason = headers['x-first-death-reason'] ?? reasonIn(death);
  return typeof reason === 'string'
    ? `dead-lettered by the broker: ${reason}`
    : 'dead-lettered without a reason';
}

function reasonIn(death: unknown): unknown {
  return typeof death === 'object' && death !== null && 'reason' in death ? death.reason : undefined;
}
