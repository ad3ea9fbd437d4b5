/** The dead-letter queues at the broker: what lies in them, and taking it out. */
import { deadLetterQueue, eventRoutes } from '@microshop/topology';
import { type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import type { AuditSources } from '../audit/sources.ts';
import { type DeadLetter, describe } from './dead-letter.ts';

/** Queues that events are consumed from. */
export const eventQueues: readonly string[] = [...new Set(eventRoutes.map((route) => route.queue))];

/** Time to connect, milliseconds. */
const connectTimeoutMs = 3000;

/** Dead letters looked at in one go, for each queue; they are held in memory meanwhile. */
const mostLetters = 10_000;

/** A message in a dead-letter queue, with what people see of it. */
export interface HeldLetter {
  readonly letter: DeadLetter;
  readonly message: GetMessage;
}

/** Runs the work on a channel with confirms, and closes what was opened. */
export async function onBroker<T>(
  sources: AuditSources,
  work: (channel: ConfirmChannel) => Promise<T>,
): Promise<T> {
  const connection = await connect(await sources.amqpUrl(), { timeout: connectTimeoutMs });
  // what breaks makes the work fail; without a listener it would end this process
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    const result = await work(channel);
    // The broker answers this after all that came before; closing the connection alone would overtake the last acks.
    await channel.close();
    return result;
  } finally {
    await connection.close().catch(() => undefined);
  }
}

/** Messages that wait in each of the queues. Throws when one does not exist (yet). */
export async function readyMessages(channel: ConfirmChannel): Promise<number> {
  const queues = await Promise.all(eventQueues.map((queue) => channel.checkQueue(queue)));
  return queues.reduce((sum, { messageCount }) => sum + messageCount, 0);
}

/**
 * Takes every dead letter into its hands, lets the work remove (ack) what it wants, and puts the rest back where it was.
 * Whoever looks meanwhile does not see them, so looks are made one after the other.
 */
export function withDeadLetters<T>(
  channel: ConfirmChannel,
  work: (held: readonly HeldLetter[], remove: (one: HeldLetter) => void) => Promise<T>,
): Promise<T> {
  const turn = lastTurn.then(() => holdLetters(channel, work));
  lastTurn = turn.then(
    () => undefined,
    () => undefined,
  );
  return turn;
}

let lastTurn: Promise<void> = Promise.resolve();

async function holdLetters<T>(
  channel: ConfirmChannel,
  work: (held: readonly HeldLetter[], remove: (one: HeldLetter) => void) => Promise<T>,
): Promise<T> {
  const held = new Set<HeldLetter>();
  try {
    for (const queue of eventQueues) {
      const { messageCount } = await channel.checkQueue(deadLetterQueue(queue));
      for (let taken = 0; taken < Math.min(messageCount, mostLetters); taken += 1) {
        const message = await channel.get(deadLetterQueue(queue), { noAck: false });
        if (message === false) break;
        held.add({ letter: describe(message, queue), message });
      }
    }
    return await work([...held], (one) => {
      if (held.delete(one)) channel.ack(one.message);
    });
  } finally {
    // a channel that broke has put them back already
    try {
      for (const { message } of held) channel.nack(message, false, true);
    } catch {}
  }
}

/** Every dead letter. */
export function listDeadLetters(sources: AuditSources): Promise<DeadLetter[]> {
  return onBroker(sources, (channel) =>
    withDeadLetters(channel, async (held) => held.map(({ letter }) => letter)),
  );
}
