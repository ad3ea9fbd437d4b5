/** Puts a message where people can look at it: into the queue's dead-letter queue, with the reason. */
import { deadLetterQueue, eventHeaders } from '@microshop/topology';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';

/** Publishes a copy with the reason, and resolves when the broker has it. The original is the caller's to ack. */
export async function deadLetter(
  channel: ConfirmChannel,
  queue: string,
  message: ConsumeMessage,
  reason: string,
): Promise<void> {
  const confirmed = Promise.withResolvers<void>();
  const onClose = () => confirmed.reject(new Error('the channel closed before the confirm'));
  const { messageId, type, timestamp, contentType, headers } = message.properties;
  const properties = Object.entries({ messageId, type, timestamp, contentType });
  channel.once('close', onClose);
  try {
    channel.publish(
      '',
      deadLetterQueue(queue),
      message.content,
      {
        ...Object.fromEntries(properties.filter(([, value]) => value !== undefined)),
        persistent: true,
        headers: { ...headers, [eventHeaders.error]: reason },
      },
      (error: unknown) =>
        error === null || error === undefined ? confirmed.resolve() : confirmed.reject(error),
    );
    await confirmed.promise;
  } finally {
    channel.off('close', onClose);
  }
}
