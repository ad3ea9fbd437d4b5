/**
 * The shop's queues at the broker: how much waits in them, the dead letters in one's hands, and publishing with the
 * knowledge that a message is in one.
 */
import { ExplainedError } from '@microshop/program-kit/errors';
import { deadLetterQueue, eventHeaders, eventRoutes } from '@microshop/topology';
import {
  type ChannelModel,
  type ConfirmChannel,
  connect,
  type GetMessage,
  IllegalOperationError,
  type Options,
} from 'amqplib';
import type { AuditSources } from '../audit/sources.ts';
import { describe } from './dead-letter.ts';
import type { DeadLetter } from './schemas.ts';

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
  // an error makes the work fail; without a listener it would end this process
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

/** Messages that wait in a queue, and its consumers. */
export interface QueueState {
  readonly ready: number;
  readonly consumers: number;
}

/** Reply code of AMQP for what is not there. */
const notFound = 404;

function explained(error: unknown): never {
  if (!(error instanceof Error && 'code' in error && error.code === notFound)) throw error;
  const why = 'it is not declared; its consumer declares it once it is connected to RabbitMQ';
  throw new ExplainedError(why, { cause: error });
}

/** What a queue holds; nothing is taken. Rejects when there is no such queue. */
export function stateOf(connection: ChannelModel, queue: string): Promise<QueueState> {
  // its own channel: asking for a missing queue closes the channel
  return onChannel(connection, async (channel) => {
    const { messageCount, consumerCount } = await channel.checkQueue(queue).catch(explained);
    return { ready: messageCount, consumers: consumerCount };
  });
}

/** Messages that wait in a queue; nothing is taken. Rejects when there is no such queue. */
export async function depthOf(connection: ChannelModel, queue: string): Promise<number> {
  return (await stateOf(connection, queue)).ready;
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
 * its place. `keep` says what is held of a message; other readers do not see them meanwhile.
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
    // a broken channel has already requeued them
    try {
      for (const { message } of held) channel.nack(message, false, true);
    } catch {}
  }
}

/** Time the broker has to confirm one message, milliseconds. */
const confirmLimitMs = 5000;

/** Headers that the shop reads: all that is sent again of those that cannot be published as they are. */
const ownHeaders: readonly string[] = ['traceparent', 'tracestate', 'baggage', eventHeaders.created];

/** With the headers that the shop reads only. */
function bare(options: Options.Publish): Options.Publish {
  const given: Readonly<Record<string, unknown>> = { ...options.headers };
  const headers = [...ownHeaders, eventHeaders.refused].flatMap((name) =>
    given[name] === undefined ? [] : [[name, given[name]] as const],
  );
  return { ...options, headers: Object.fromEntries(headers) };
}

/** Where a message goes: a queue by its name through the exchange without one, or whatever an exchange binds to a key. */
export interface Target {
  /** `''` is the exchange without a name. */
  readonly exchange: string;
  readonly routingKey: string;
}

/** Resolves when the broker has the message in a queue. Throws when it refuses, does not answer, or no queue takes it. */
export async function publishConfirmed(
  channel: ConfirmChannel,
  { exchange, routingKey }: Target,
  content: Buffer,
  options: Options.Publish,
): Promise<void> {
  const confirmed = Promise.withResolvers<void>();
  const noQueue =
    exchange === '' ? `There is no queue ${routingKey}` : `No queue takes ${routingKey} from ${exchange}`;
  const onReturn = () => confirmed.reject(new Error(noQueue));
  const onClose = () => confirmed.reject(new Error('The broker closed the channel before it confirmed'));
  const late = setTimeout(
    () => confirmed.reject(new Error(`The broker did not confirm within ${confirmLimitMs} ms`)),
    confirmLimitMs,
  );
  channel.on('return', onReturn);
  channel.on('close', onClose);
  try {
    const send = (chosen: Options.Publish) =>
      channel.publish(exchange, routingKey, content, { ...chosen, mandatory: true }, (error: unknown) =>
        error === null || error === undefined ? confirmed.resolve() : confirmed.reject(error),
      );
    try {
      send(options);
    } catch (error) {
      if (error instanceof IllegalOperationError) throw error;
      // the headers do not fit into a frame: the broker accepts larger ones than its client sends
      send(bare(options));
    }
    await confirmed.promise;
  } finally {
    clearTimeout(late);
    channel.off('return', onReturn);
    channel.off('close', onClose);
  }
}
