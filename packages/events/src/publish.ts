/** Publishes a row of the outbox, in the trace of the request that wrote it. */
import { attributes, eventExchange, eventHeaders, publishAttributesKeyName } from '@microshop/topology';
import {
  type AttributeValue,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
} from '@opentelemetry/api';
import type { OutboxRow } from './outbox.ts';
import type { Publisher, PublishFailure } from './publisher.ts';

/**
 * Context key under which the telemetry bootstrap's publish hook finds attributes for the producer span. OpenTelemetry
 * makes the same key from the same name, so the two need not import each other.
 */
export const publishAttributesKey = createContextKey(publishAttributesKeyName);

/** Undefined once the broker has confirmed that a queue holds the event; takes as long as the channel lives. */
export function publishRow(publisher: Publisher, row: OutboxRow): Promise<PublishFailure | undefined> {
  // The producer span becomes a child of the request that wrote the row, however late this is.
  const origin = propagation.extract(ROOT_CONTEXT, row.headers);
  const spanAttributes: Record<string, AttributeValue> = {
    [attributes.eventType]: row.type,
    [attributes.outboxWaitMs]: Math.max(0, row.wait_ms),
  };
  return context.with(origin.setValue(publishAttributesKey, spanAttributes), () =>
    publisher.publish({
      exchange: eventExchange,
      routingKey: row.routing_key,
      content: Buffer.from(JSON.stringify(row.body)),
      options: {
        messageId: row.message_id,
        type: row.type,
        timestamp: Math.floor(row.created_ms / 1000),
        contentType: 'application/json',
        persistent: true,
        headers: { ...row.headers, [eventHeaders.created]: Math.floor(row.created_ms) },
      },
    }),
  );
}
