/**
 * Puts a message where people can inspect it: a copy into the queue's dead-letter queue, as it was, with the reason,
 * cut to what can be published.
 */
import { deadLetterQueue, eventHeaders } from '@microshop/topology';
import type { ConsumeMessage, Options } from 'amqplib';
import type { Broker } from './broker.ts';
import { copyOf, headerBudgets } from './copy.ts';
import type { Delivery } from './delivery.ts';

/** Who put it there: we by a copy, which leaves the original to be acked, or the broker, which needs no ack any more. */
export type DeadLettered = 'copied' | 'handed over';

/**
 * Publishes a copy with the reason, and resolves when the broker has it in the queue. A message of which no copy can be
 * made is handed over: the broker moves it itself, and names no reason. So is one while the broker accepts nothing from
 * publishers, if `inNeed`. Throws when it is in no dead-letter queue: then the original must stay.
 */
export async function deadLetter(
  broker: Broker,
  queue: string,
  { lane, message }: Delivery,
  reason: string,
  inNeed: boolean,
): Promise<DeadLettered> {
  const target = deadLetterQueue(queue);
  for (const budget of headerBudgets) {
    const options = deadLetterOptions(message, reason, budget);
    const failure = await broker.publish({
      exchange: '',
      routingKey: target,
      content: message.content,
      options,
      // each delivery gets its own copy, even when two messages are equal
      subject: message,
    });
    if (failure === undefined) return 'copied';
    if (failure.kind === 'blocked' && inNeed) break;
    if (failure.kind !== 'message') throw new Error(`Not dead-lettered: ${failure.reason}`);
  }
  // Larger than the broker takes by now, for example. It drops what has no queue to go to, so that must be there; when it
  // is not, this costs the channel, and it is declared before the next.
  await lane.channel.checkQueue(target);
  lane.channel.nack(message, false, false);
  return 'handed over';
}

/** Longest reason, and list of what was dropped, characters. */
const maxReason = 500;
const maxDropped = 300;

/** Properties and headers of the copy, with headers of that many bytes in addition to the reason. */
export function deadLetterOptions(message: ConsumeMessage, reason: string, budget: number): Options.Publish {
  const { properties, headers, dropped } = copyOf(message, budget);
  return {
    ...properties,
    headers: {
      ...headers,
      [eventHeaders.error]: shortened(reason, maxReason),
      ...(dropped.length === 0 ? {} : { [eventHeaders.dropped]: shortened(dropped.join(', '), maxDropped) }),
    },
  };
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
