/** Reads a message of the broker as an event. */
import { eventHeaders, eventRoutes } from '@microshop/topology';
import type { Context } from '@opentelemetry/api';
import type { ConsumeMessage } from 'amqplib';
import { type EventEnvelope, traceHeaders } from './message.ts';
import { PermanentError } from './permanent-error.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Text that is no UTF-8 would be changed text otherwise; a byte order mark is no JSON. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The event in a message. Throws {@link PermanentError} when there is none. */
export function readEnvelope(message: ConsumeMessage, context: Context): EventEnvelope<unknown> {
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
      trace: traceHeaders(context),
      ...(typeof refused === 'string' ? { refused } : {}),
    };
  } catch (error) {
    throw new PermanentError('the body is not JSON', { cause: error });
  }
}

/** Seconds since the event was written to its outbox; undefined when the message does not tell. */
export function ageOf(message: ConsumeMessage): number | undefined {
  const created: unknown = message.properties.headers?.[eventHeaders.created];
  return typeof created === 'number' ? Math.max(0, Date.now() - created) / 1000 : undefined;
}
