/**
 * Puts a message where people can inspect it: a copy into the queue's dead-letter queue, as it was, with the reason,
 * cut to what can be published.
 */
import { deadLetterQueue, eventHeaders } from '@microshop/topology';
import type { ConsumeMessage, Options } from 'amqplib';
import type { Broker } from './broker.ts';
import type { Delivery } from './delivery.ts';
import { fieldBytes } from './field-table.ts';

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
      // each delivery gets its own copy, however alike two messages are
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

/**
 * Bytes of headers that a copy has at most, in the order in which they are tried. amqplib encodes headers in a buffer of
 * 64 KiB; a broker whose `frame_max` is smaller (4 KiB is the least there is) takes the second. The last has the reason only.
 */
export const headerBudgets = [60_000, 3000, 0] as const;

/** Longest reason, and list of what was dropped, characters. */
const maxReason = 500;
const maxDropped = 300;

/** What the shop itself reads; kept before all others. */
const kept: readonly string[] = [
  'traceparent',
  'tracestate',
  'baggage',
  eventHeaders.created,
  eventHeaders.refused,
];

/** The broker would act on these: send the copy to further queues, once more and again. */
const acted: ReadonlySet<string> = new Set(['CC', 'BCC']);

/** Properties that say what the message is. Others (`expiration`, `userId`, `priority`) are about its first way only. */
const textProperties = [
  'messageId',
  'type',
  'contentType',
  'contentEncoding',
  'correlationId',
  'replyTo',
  'appId',
] as const;

/** Longest text of a property, bytes. */
const maxPropertyBytes = 255;

/** Properties and headers of the copy, with headers of that many bytes in addition to the reason. */
export function deadLetterOptions(
  { properties }: ConsumeMessage,
  reason: string,
  budget: number,
): Options.Publish {
  const all: Readonly<Record<string, unknown>> = { ...properties };
  const dropped: string[] = [];
  const texts = textProperties.flatMap((name) => {
    const text = all[name];
    if (typeof text !== 'string') return [];
    // text that was no UTF-8 is longer than it was
    if (Buffer.byteLength(text) <= maxPropertyBytes) return [[name, text] as const];
    dropped.push(name);
    return [];
  });
  const { timestamp } = all;
  const given: Readonly<Record<string, unknown>> = { ...properties.headers };
  const names = Object.keys(given);
  const headers: Record<string, unknown> = {};
  let left = budget;
  for (const name of [
    ...kept.filter((one) => names.includes(one)),
    ...names.filter((one) => !kept.includes(one)),
  ]) {
    const bytes = acted.has(name) ? undefined : fieldBytes(name, given[name]);
    if (bytes === undefined || bytes > left) dropped.push(name);
    else {
      headers[name] = given[name];
      left -= bytes;
    }
  }
  return {
    ...Object.fromEntries(texts),
    ...(typeof timestamp === 'number' && Number.isSafeInteger(timestamp) ? { timestamp } : {}),
    persistent: true,
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
