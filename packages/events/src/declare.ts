/** The shop's exchange and queues, as every client of the broker declares them. */
import { deadLetterQueue, deliveryLimit, eventExchange, eventRoutes } from '@microshop/topology';
import type { Channel } from 'amqplib';

/**
 * Times a person can read a dead letter; each read puts it back. RabbitMQ 4 gives quorum queues a limit of 20 unless
 * they have their own, and drops what exceeds it: this number is never reached.
 */
const deadLetterDeliveryLimit = 1_000_000_000;

/** What can open a channel. */
interface ChannelSource {
  createChannel(): Promise<Channel>;
}

/**
 * Exchange, quorum queues with their dead-letter queues, bindings. Idempotent. Done on a separate channel, which the
 * broker closes when it refuses something.
 */
export async function declareTopology(connection: ChannelSource): Promise<void> {
  const channel = await connection.createChannel();
  // the refused call fails
  channel.on('error', () => undefined);
  await channel.assertExchange(eventExchange, 'topic', { durable: true });
  for (const queue of new Set(eventRoutes.map((route) => route.queue))) {
    await channel.assertQueue(deadLetterQueue(queue), {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': deadLetterDeliveryLimit },
    });
    await channel.assertQueue(queue, {
      durable: true,
      arguments: {
        'x-queue-type': 'quorum',
        'x-delivery-limit': deliveryLimit,
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': deadLetterQueue(queue),
      },
    });
  }
  for (const { queue, routingKey } of eventRoutes) await channel.bindQueue(queue, eventExchange, routingKey);
  await channel.close();
}
