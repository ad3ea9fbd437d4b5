/** A message that is published again: what of its properties and headers can and may be, cut to what fits. */
import { eventHeaders } from '@microshop/topology';
import type { ConsumeMessage, Options } from 'amqplib';
import { fieldBytes } from './field-table.ts';

/**
 * Bytes of headers that a copy has at most, in the order in which they are tried. amqplib encodes headers in a buffer of
 * 64 KiB; a broker whose `frame_max` is smaller (4 KiB is the least there is) takes the second. The last has those only that
 * are added to the copy.
 */
export const headerBudgets = [60_000, 3000, 0] as const;

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

/** What a copy is published with. */
export interface Copy {
  readonly properties: Options.Publish;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Names of the headers and text properties that did not fit, or that cannot or must not be published again. */
  readonly dropped: readonly string[];
}

/** Properties and headers of a copy, with headers of that many bytes in addition to those that are added to it. */
export function copyOf({ properties }: ConsumeMessage, budget: number): Copy {
  const all: Readonly<Record<string, unknown>> = { ...properties };
  const dropped: string[] = [];
  const texts = textProperties.flatMap((name) => {
    const text = all[name];
    if (typeof text !== 'string') return [];
    // text that was not UTF-8 became longer
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
    properties: {
      ...Object.fromEntries(texts),
      ...(typeof timestamp === 'number' && Number.isSafeInteger(timestamp) ? { timestamp } : {}),
      persistent: true,
    },
    headers,
    dropped,
  };
}
