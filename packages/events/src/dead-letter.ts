/** Puts a message where people can look at it: into the queue's dead-letter queue, with the reason. */
import { deadLetterQueue, eventHeaders } from '@microshop/topology';
import type { ConsumeMessage } from 'amqplib';
import type { Broker } from './broker.ts';

/**
 * Publishes a copy with the reason, and resolves when the broker has it in the queue. Throws when it has not: then the
 * original must stay. The original is the caller's to ack.
 */
export async function deadLetter(
  broker: Broker,
  queue: string,
  message: ConsumeMessage,
  reason: string,
): Promise<void> {
  const { messageId, type, timestamp, contentType, headers } = message.properties;
  const properties = Object.entries({ messageId, type, timestamp, contentType });
  const failure = await broker.publish({
    exchange: '',
    routingKey: deadLetterQueue(queue),
    content: message.content,
    options: {
      ...Object.fromEntries(properties.filter(([, value]) => value !== undefined)),
      persistent: true,
      headers: { ...headers, [eventHeaders.error]: reason },
    },
  });
  if (failure !== undefined) throw new Error(`Not dead-lettered: ${failure.reason}`);
}
