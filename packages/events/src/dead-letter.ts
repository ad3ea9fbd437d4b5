/** Puts a message where people can look at it: into the queue's dead-letter queue, with the reason. */
import { deadLetterQueue } from '@microshop/topology';
import type { Broker } from './broker.ts';
import { deadLetterOptions, headerBudgets } from './dead-letter-copy.ts';
import type { Delivery } from './delivery.ts';

/** Who put it there: we by a copy, which leaves the original to be acked, or the broker, which needs no ack any more. */
export type DeadLettered = 'copied' | 'handed over';

/**
 * Publishes a copy with the reason, and resolves when the broker has it in the queue. A message of which no copy can be
 * made is handed over: the broker moves it itself. Throws when it is in no dead-letter queue: then the original must stay.
 */
export async function deadLetter(
  broker: Broker,
  queue: string,
  { lane, message }: Delivery,
  reason: string,
): Promise<DeadLettered> {
  const target = deadLetterQueue(queue);
  for (const budget of headerBudgets) {
    const options = deadLetterOptions(message, reason, budget);
    const failure = await broker.publish({
      exchange: '',
      routingKey: target,
      content: message.content,
      options,
      // each delivery has a copy of its own, however alike two messages are
      subject: message,
    });
    if (failure === undefined) return 'copied';
    if (failure.kind !== 'message') throw new Error(`Not dead-lettered: ${failure.reason}`);
  }
  // Larger than the broker takes by now, for example. It drops what has no queue to go to, so that must be there; when it
  // is not, this costs the channel, and it is declared before the next.
  await lane.channel.checkQueue(target);
  lane.channel.nack(message, false, false);
  return 'handed over';
}
