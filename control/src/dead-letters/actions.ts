/** What can be done with a dead letter: sent again to the queue it comes from, or dropped for good. */

import { messageOf } from '@microshop/program-kit/errors';
import { deadLetterQueue, eventHeaders, eventRoutes } from '@microshop/topology';
import type { ConfirmChannel, GetMessage, Options } from 'amqplib';
import { type DeadLetterBook, everyLetter } from './book.ts';
import { headersOf } from './dead-letter.ts';
import type { HeldLetter } from './queues.ts';
import { publishConfirmed, type Target } from './queues.ts';
import type { ActionResult, DeadLetter, Selection } from './schemas.ts';

/** Headers that describe the death; a message that is sent again goes without them. */
const deathHeaders =
  /^x-(error|dropped|refused|alone|death|first-death-.*|last-death-.*|delivery-count|acquired-count)$/;

/**
 * Sends dead letters again, each to the queue it could not be consumed from, as it was: same `messageId`, same trace.
 * One is removed only after the broker has confirmed the copy. Throws when an id is not there.
 */
export function replay(book: DeadLetterBook, selection: Selection): Promise<ActionResult[]> {
  return withEach(book, selection, async (channel, one) => {
    await publishConfirmed(channel, toQueue(one.letter.queue), one.message.content, again(one.message));
    return `sent again to ${one.letter.queue}`;
  });
}

/**
 * Removes dead letters for good. An `ORDER_CREATED` goes back to its queue as refused: in one transaction its consumer
 * records it and rejects the order, unless the event had taken effect before. So whatever copies of it there are, the
 * order is either served or rejected. Throws when an id is not there.
 */
export function drop(book: DeadLetterBook, selection: Selection, reason: string): Promise<ActionResult[]> {
  return withEach(book, selection, (channel, one) => endOrderOf(channel, one, reason));
}

/** Does that with each that is meant, then removes it. */
async function withEach(
  book: DeadLetterBook,
  selection: Selection,
  work: (channel: ConfirmChannel, one: HeldLetter) => Promise<string>,
): Promise<ActionResult[]> {
  const letters = (await everyLetter(book)).filter(({ id }) => selection === 'all' || selection.includes(id));
  if (selection !== 'all') refuseMissing(selection, letters);
  const results: ActionResult[] = [];
  const kept: string[] = [];
  // a queue without any of them is not touched
  for (const queue of new Set(letters.map((letter) => letter.queue))) {
    await book.act(queue, async (channel, held, remove) => {
      for (const one of held) {
        if (selection !== 'all' && !selection.includes(one.letter.id)) continue;
        try {
          const outcome = await work(channel, one);
          await remove(one);
          results.push({ letter: one.letter, outcome });
        } catch (error) {
          // one that fails does not stop those behind it
          kept.push(`${one.letter.id}: ${messageOf(error)}`);
        }
      }
    });
  }
  if (kept.length > 0) throw new KeptLettersError(kept, results.length);
  if (selection !== 'all')
    refuseMissing(
      selection,
      results.map(({ letter }) => letter),
    );
  return results;
}

function refuseMissing(ids: readonly string[], letters: readonly DeadLetter[]): void {
  const missing = ids.filter((id) => !letters.some((letter) => letter.id === id));
  if (missing.length > 0) throw new UnknownLetterError(missing);
}

/** Thrown when a dead letter that was asked for is not there. */
export class UnknownLetterError extends Error {
  override readonly name: string = 'UnknownLetterError';
  constructor(ids: readonly string[]) {
    super(`There is no dead letter ${ids.join(', ')}; ./mesh dlq list shows those there are`);
  }
}

/** Most dead letters that an error names. */
const namedAtMost = 5;

/** Thrown when some dead letters stay where they are; the others are done. */
export class KeptLettersError extends Error {
  override readonly name: string = 'KeptLettersError';
  constructor(kept: readonly string[], done: number) {
    const more = kept.length > namedAtMost ? ' …' : '';
    super(
      `${kept.length} dead letters stay, ${done} are done. ${kept.slice(0, namedAtMost).join('; ')}${more}`,
    );
  }
}

function toQueue(name: string): Target {
  return { exchange: '', routingKey: name };
}

/** What follows for the order. */
async function endOrderOf(
  channel: ConfirmChannel,
  { letter, message }: HeldLetter,
  reason: string,
): Promise<string> {
  if (letter.type !== 'ORDER_CREATED') return outcomeNote(letter);
  if (letter.order_id === null || !isUuid(letter.id)) return 'dropped; it names no order';
  const properties = again(message);
  await publishConfirmed(channel, toQueue(letter.queue), message.content, {
    ...properties,
    headers: { ...properties.headers, [eventHeaders.refused]: `${reason} (${letter.reason})` },
  });
  return `dropped; order ${letter.order_id} is rejected, unless it was served before`;
}

function outcomeNote({ type, order_id: orderId, queue }: DeadLetter): string {
  const known = eventRoutes.find((route) => route.type === type);
  if (known?.inOrder !== 'outcome' || orderId === null) return `dropped from ${deadLetterQueue(queue)}`;
  return `dropped; nothing ends order ${orderId} now, unless it had ended before`;
}

/** Longest text of a property, bytes; what was no UTF-8 has grown when it was read. */
const maxPropertyBytes = 255;

/** Properties and headers as they were when the message was first published. */
function again(message: GetMessage): Options.Publish {
  const { messageId, type, timestamp, contentType }: Record<string, unknown> = { ...message.properties };
  const headers = Object.entries(headersOf(message)).filter(([name]) => !deathHeaders.test(name));
  const text = (name: string, value: unknown) =>
    typeof value === 'string' && Buffer.byteLength(value) <= maxPropertyBytes ? { [name]: value } : {};
  return {
    persistent: true,
    headers: Object.fromEntries(headers),
    ...text('messageId', messageId),
    ...text('type', type),
    ...(typeof timestamp === 'number' && Number.isSafeInteger(timestamp) ? { timestamp } : {}),
    ...text('contentType', contentType),
  };
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
