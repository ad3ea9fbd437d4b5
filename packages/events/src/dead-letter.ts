/** Puts a message where people can look at it: into the queue's dead-letter queue, with the reason. */
import { deadLetterQueue } from '@microshop/topology';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';

/** Header that says why a message is dead. */
export const errorHeader = 'x-error';

/** Publishes a copy with the reason, and resolves when the broker has it. The original is the caller's to ack. */
export async function deadLetter(
  channel: ConfirmChannel,
  queue: string,
  message: ConsumeMessage,
  reason: string,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { messageId, type, timestamp, contentType, headers } = message.properties;
  channel.publish(
    '',
    deadLetterQueue(queue),
    message.content,
    {
      persistent: true,
      headers: { ...headers, [errorHeader]: reason },
      ...Object.fromEntries(
        Object.entries({ messageId, type, timestamp, contentType }).filter(
          ([, value]) => value !== undefined,
        ),
      ),
    },
    (error: unknown) => (error === null || error === undefined ? resolve() : reject(error)),
  );
  channel.once('close', () => reject(new Error('the channel closed before the confirm')));
  await promise;
}
