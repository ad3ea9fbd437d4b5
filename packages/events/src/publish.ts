/** Publishes leased rows: all at once, then waits for every confirm. */
import { attributes, eventExchange, eventHeaders } from '@microshop/topology';
import {
  type AttributeValue,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
} from '@opentelemetry/api';
import { type ConfirmChannel, IllegalOperationError, type Message } from 'amqplib';
import type { OutboxRow } from './outbox.ts';

/**
 * Context key under which the telemetry bootstrap's publish hook finds attributes for the producer span. OpenTelemetry
 * makes the same key from the same name, so the two need not import each other.
 */
export const publishAttributesKey = createContextKey('shop.publish.attributes');

/** Time the broker has to confirm, milliseconds; well inside a lease. */
const confirmTimeoutMs = 5000;

/** Why a row was not confirmed. */
export interface PublishFailure {
  readonly reason: string;
  /** Whether the row itself is to blame: it cannot even be written as a message. */
  readonly own: boolean;
}

/** What became of a row: confirmed, or the reason why not. */
export interface PublishOutcome {
  readonly row: OutboxRow;
  readonly failure: PublishFailure | undefined;
}

/** Publishes the rows pipelined; resolves when each is confirmed, refused, returned, or late. */
export async function publishRows(
  channel: ConfirmChannel,
  rows: readonly OutboxRow[],
): Promise<PublishOutcome[]> {
  const returned = new Set<unknown>();
  const onReturn = (message: Message) => returned.add(message.properties.messageId);
  const { promise: closed, resolve: onClose } = Promise.withResolvers<PublishFailure>();
  const closeListener = () => onClose(passing('the channel closed before the confirm'));
  channel.on('return', onReturn);
  channel.on('close', closeListener);

  const { promise: late, resolve: onLate } = Promise.withResolvers<PublishFailure>();
  const timer = setTimeout(
    () => onLate(passing(`no confirm within ${confirmTimeoutMs} ms`)),
    confirmTimeoutMs,
  );
  try {
    return await Promise.all(
      rows.map(async (row): Promise<PublishOutcome> => {
        const failure = await Promise.race([publishRow(channel, row), closed, late]);
        // RabbitMQ sends the return of an unroutable message before its confirm.
        const unroutable = returned.has(row.message_id)
          ? passing(`no queue is bound to ${row.routing_key}`)
          : undefined;
        return { row, failure: failure ?? unroutable };
      }),
    );
  } finally {
    clearTimeout(timer);
    channel.off('return', onReturn);
    channel.off('close', closeListener);
  }
}

function passing(reason: string): PublishFailure {
  return { reason, own: false };
}

function publishRow(channel: ConfirmChannel, row: OutboxRow): Promise<PublishFailure | undefined> {
  const { promise, resolve } = Promise.withResolvers<PublishFailure | undefined>();
  const confirmed = (error: unknown) =>
    resolve(error === null || error === undefined ? undefined : passing(String(error)));
  // The producer span becomes a child of the request that wrote the row, however late this is.
  const origin = propagation.extract(ROOT_CONTEXT, row.headers);
  const spanAttributes: Record<string, AttributeValue> = {
    [attributes.eventType]: row.type,
    [attributes.outboxWaitMs]: Math.max(0, row.wait_ms),
  };
  context.with(origin.setValue(publishAttributesKey, spanAttributes), () => {
    try {
      channel.publish(
        eventExchange,
        row.routing_key,
        Buffer.from(JSON.stringify(row.body)),
        {
          messageId: row.message_id,
          type: row.type,
          timestamp: Math.floor(row.created_ms / 1000),
          contentType: 'application/json',
          persistent: true,
          mandatory: true,
          headers: { ...row.headers, [eventHeaders.created]: Math.floor(row.created_ms) },
        },
        confirmed,
      );
    } catch (error) {
      // Thrown before anything was sent: by a channel that is gone, or by a row that fits no frame.
      resolve({ reason: String(error), own: !(error instanceof IllegalOperationError) });
    }
  });
  return promise;
}
