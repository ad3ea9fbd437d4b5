/** The shop's queues at the broker: how much waits in them, and the dead letters in one's hands. */
import { deadLetterQueue, eventRoutes } from '@microshop/topology';
import { type ChannelModel, type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import type { AuditSources } from '../audit/sources.ts';
import { type DeadLetter, describe } from './dead-letter.ts';

/** Queues that events are consumed from. */
export const eventQueues: readonly string[] = [...new Set(eventRoutes.map((route) => route.queue))];

/** Time to connect, milliseconds. */
const connectTimeoutMs = 3000;

/** Dead letters taken in one go, for each queue. */
export const mostLetters = 10_000;

/** Runs the work on a connection, and closes it. */
export async function connected<T>(
  sources: AuditSources,
  work: (connection: ChannelModel) => Promise<T>,
): Promise<T> {
  const connection = await connect(await sources.amqpUrl(), { timeout: connectTimeoutMs });
  // what breaks makes the work fail; without a listener it would end this process
  connection.on('error', () => undefined);
  try {
    return await work(connection);
  } finally {
    await connection.close().catch(() => undefined);
  }
}

/** Runs the work on a channel with confirms, and closes it. */
export async function onChannel<T>(
  connection: ChannelModel,
  work: (channel: ConfirmChannel) => Promise<T>,
): Promise<T> {
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => undefined);
  const result = await work(channel);
  // The broker answers this after all that came before; closing the connection alone would overtake the last acks.
  await channel.close();
  return result;
}

/** Messages that wait in a queue; nothing is taken. Rejects when there is no such queue. */
export function depthOf(connection: ChannelModel, queue: string): Promise<number> {
  // a channel of its own: asking for a queue that is not there ends the channel
  return onChannel(connection, async (channel) => (await channel.checkQueue(queue)).messageCount);
}

/** A message in a dead-letter queue, with what people see of it. */
export interface HeldLetter {
  readonly letter: DeadLetter;
  readonly message: GetMessage;
}

/**
 * Acks sent before waiting for the queue to have them. Once 32 of a channel are not in the log of a quorum queue, RabbitMQ
 * holds back those that follow (`soft_limit` of its `rabbit_fifo_client`), and forgets them when the channel ends.
 */
const acksAtOnce = 16;

/**
 * Takes the dead letters of a queue into its hands, lets the work remove (ack) what it wants, and puts the rest back, each to
 * its place. `keep` says what is held of a message; whoever looks meanwhile does not see them.
 */
export async function withDeadLetters<Held extends HeldLetter, T>(
  channel: ConfirmChannel,
  queue: string,
  keep: (letter: HeldLetter) => Held,
  work: (held: readonly Held[], remove: (one: Held) => Promise<void>) => Promise<T>,
): Promise<T> {
  const held = new Set<Held>();
  let acks = 0;

  /** Whether there was one to take. To take goes through the log of the queue: all that was acked before is there then. */
  async function take(): Promise<boolean> {
    const message = await channel.get(deadLetterQueue(queue), { noAck: false });
    if (message !== false) held.add(keep({ letter: describe(message, queue), message }));
    return message !== false;
  }

  async function remove(one: Held): Promise<void> {
    if (!held.delete(one)) return;
    channel.ack(one.message);
    acks += 1;
    if (acks % acksAtOnce === 0) await take();
  }

  try {
    const { messageCount } = await channel.checkQueue(deadLetterQueue(queue));
    for (let taken = 0; taken < Math.min(messageCount, mostLetters); taken += 1) if (!(await take())) break;
    return await work([...held], remove);
  } finally {
    // a channel that broke has put them back already
    try {
      for (const { message } of held) channel.nack(message, false, true);
    } catch {}
  }
}
