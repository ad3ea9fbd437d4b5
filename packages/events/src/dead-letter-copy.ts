/** The copy of a message that goes to the dead-letter queue: as it was, with the reason, cut to what can be published. */
import { eventHeaders } from '@microshop/topology';
import type { ConsumeMessage, Options } from 'amqplib';
import { fieldBytes } from './field-table.ts';

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

/** Properties and headers of the copy, with headers of that many bytes besides the reason. */
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
