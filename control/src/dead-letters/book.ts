/**
 * What is known of the dead letters. AMQP has no way to read a message of a queue without taking it: a quorum queue counts
 * that as a delivery, and others do not see the message meanwhile. So each is taken once, to be read, and remembered; how many
 * there are is asked every time, which takes nothing.
 */
import { deadLetterQueue } from '@microshop/topology';
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { isUnread, type Unread, unreadFor } from '../audit/found.ts';
import type { AuditSources } from '../audit/sources.ts';
import { connected, depthOf, eventQueues, type HeldLetter, onChannel, withDeadLetters } from './queues.ts';
import type { DeadLetter } from './schemas.ts';

/** The dead letters of a queue. */
export interface DeadLetterQueue {
  /** The queue they could not be consumed from. */
  readonly queue: string;
  readonly count: number;
  /** What is in them, oldest first, and 10,000 at most; undefined until they are read. */
  readonly letters: readonly DeadLetter[] | undefined;
}

/** The one in the control service that takes dead letters: its reads and its actions go one after the other. */
export interface DeadLetterBook {
  /** How many there are, with what is known of them; nothing is taken. A queue that cannot be asked says why. */
  count(): Promise<readonly (DeadLetterQueue | Unread)[]>;
  /**
   * What is in them, over that connection or one of its own. A queue is read only when it has changed since it was read, or
   * after {@link rememberedMs}.
   */
  read(connection?: ChannelModel): Promise<readonly (DeadLetterQueue | Unread)[]>;
  /**
   * Takes all of a queue into its hands; what the work does not remove is put back. Throws what the work throws, and what the
   * broker does.
   */
  act<T>(
    queue: string,
    work: (
      channel: ConfirmChannel,
      held: readonly HeldLetter[],
      remove: (one: HeldLetter) => Promise<void>,
    ) => Promise<T>,
  ): Promise<T>;
}

/**
 * Time for which what was read counts while the number of letters stays, milliseconds. Only another client of the broker
 * at the broker can change them without changing their number.
 */
export const rememberedMs = 60_000;

interface Remembered {
  /** How many there were: more than were read, where there are very many. */
  readonly count: number;
  readonly letters: readonly DeadLetter[];
  readonly readAt: number;
}

/** Opens it. */
export function deadLetterBook(sources: AuditSources): DeadLetterBook {
  const memory = new Map<string, Remembered>();
  let lastTurn: Promise<void> = Promise.resolve();

  /** One after the other, whatever becomes of those before. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = lastTurn.then(work);
    lastTurn = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  function remembered(queue: string, count: number): readonly DeadLetter[] | undefined {
    if (count === 0) return [];
    const known = memory.get(queue);
    if (known === undefined || known.count !== count) return undefined;
    return performance.now() - known.readAt < rememberedMs ? known.letters : undefined;
  }

  async function counted(connection: ChannelModel, queue: string): Promise<DeadLetterQueue> {
    const count = await depthOf(connection, deadLetterQueue(queue));
    return { queue, count, letters: remembered(queue, count) };
  }

  async function looked(connection: ChannelModel, queue: string): Promise<DeadLetterQueue> {
    const known = await counted(connection, queue);
    if (known.letters !== undefined) return known;
    const letters = await onChannel(connection, (channel) =>
      withDeadLetters(channel, queue, withoutContent, async (held) => held.map(({ letter }) => letter)),
    );
    const count = Math.max(known.count, letters.length);
    memory.set(queue, { count, letters, readAt: performance.now() });
    return { queue, count, letters };
  }

  async function ofEach(
    ask: (connection: ChannelModel, queue: string) => Promise<DeadLetterQueue>,
    open?: ChannelModel,
  ): Promise<(DeadLetterQueue | Unread)[]> {
    const askAll = (connection: ChannelModel) =>
      Promise.all(
        eventQueues.map((queue) =>
          ask(connection, queue).catch((error: unknown) => unreadFor(deadLetterQueue(queue), error)),
        ),
      );
    try {
      return await (open === undefined ? connected(sources, askAll) : askAll(open));
    } catch (error) {
      return eventQueues.map(() => unreadFor('RabbitMQ', error));
    }
  }

  return {
    count: () => ofEach(counted),
    read: (connection) => inTurn(() => ofEach(looked, connection)),
    act: (queue, work) =>
      inTurn(async () => {
        // the rest is read by the next request
        memory.delete(queue);
        return await connected(sources, (connection) =>
          onChannel(connection, (channel) =>
            withDeadLetters(
              channel,
              queue,
              (one) => one,
              (held, remove) => work(channel, held, remove),
            ),
          ),
        );
      }),
  };
}

/** Who only looks needs no content: ten thousand messages of 256 KiB each would be too much to hold. */
function withoutContent({ letter, message }: HeldLetter): HeldLetter {
  return { letter, message: { ...message, content: Buffer.alloc(0) } };
}

/** Every dead letter, read over that connection or one of its own. Throws when a queue cannot be read. */
export async function everyLetter(book: DeadLetterBook, connection?: ChannelModel): Promise<DeadLetter[]> {
  const queues = await book.read(connection);
  const unread = queues.filter(isUnread).map((queue) => queue.unread);
  if (unread.length > 0) throw new Error(unread.join('; '));
  return queues.flatMap((queue) => (isUnread(queue) ? [] : [...(queue.letters ?? [])]));
}
