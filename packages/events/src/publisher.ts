/** Publishes on one channel with confirms, and reports the outcome of each message. */
import { EventEmitter } from 'node:events';
import { type ConfirmChannel, IllegalOperationError, type Message, type Options } from 'amqplib';
import { blamesMessage, sizeLimit } from './reply-codes.ts';

/** A message on its way to the broker. */
export interface OutgoingMessage {
  /** `''` is the exchange that leads to the queue called as the routing key. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  /** `mandatory` is set in any case. */
  readonly options: Options.Publish;
  /**
   * What the message is about, when id and content are not enough to tell it apart. A message for the same subject
   * that still waits for its confirm is not sent twice; an identical one for another subject is.
   */
  readonly subject?: object;
}

/** Why a message is not with the broker. */
export interface PublishFailure {
  /**
   * - `message`: it can never be published, whatever the broker's state;
   * - `suspected`: one of those under way together caused it, and it is not known which;
   * - `unroutable`: no queue took it;
   * - `nacked`: the broker refused it, for example because a queue is full;
   * - `closed`: the channel ended before the confirm, whatever the cause;
   * - `blocked`: it was not sent, for the broker accepts nothing from publishers;
   * - `late`: no confirm within the caller's limit.
   */
  readonly kind: 'message' | 'suspected' | 'unroutable' | 'nacked' | 'closed' | 'blocked' | 'late';
  readonly reason: string;
}

/** Publishes on a channel while it is open. */
export interface Publisher {
  /**
   * Undefined once the broker has confirmed that a queue holds the message. Takes as long as the channel lives: the
   * message is under way, and need not be sent again before.
   */
  publish(message: OutgoingMessage): Promise<PublishFailure | undefined>;
  /** The channel's buffer is full: nothing more should be published before `room`. */
  readonly full: boolean;
  /** Resolves when the buffer has room again, or the channel is gone. */
  room(): Promise<void>;
}

/** A message that waits for its confirm. */
interface Pending {
  readonly message: OutgoingMessage;
  readonly settle: (failure: PublishFailure | undefined) => void;
  returned: boolean;
}

/** Publishes on that channel; one publisher for a channel. */
export function createPublisher(channel: ConfirmChannel): Publisher {
  const pending = new Set<Pending>();
  /** What ended the channel, or its connection. */
  let cause: Error | undefined;
  let closed = false;
  let drained: PromiseWithResolvers<void> | undefined;

  // An error of the connection ends its channels without an error of their own.
  const connection: unknown = channel.connection;
  const emitters = [channel, ...(connection instanceof EventEmitter ? [connection] : [])];
  const onError = (error: Error) => {
    cause ??= error;
  };
  for (const emitter of emitters) emitter.on('error', onError);
  channel.on('return', onReturn);
  channel.on('drain', onDrain);
  // before amqplib's own listener, which reports each message as refused
  channel.prependOnceListener('close', () => {
    closed = true;
    for (const emitter of emitters) emitter.off('error', onError);
    onDrain();
    const failures = whatBecomes([...pending], cause);
    pending.clear();
    for (const [{ settle }, failure] of failures) settle(failure);
  });

  /** RabbitMQ sends the return of an unroutable message before its confirm. */
  function onReturn({ fields, properties, content }: Message): void {
    for (const one of pending) {
      const { routingKey, options, content: sent } = one.message;
      const same = fields.routingKey === routingKey && properties.messageId === options.messageId;
      if (same && content.equals(sent)) one.returned = true;
    }
  }

  function onDrain(): void {
    drained?.resolve();
    drained = undefined;
  }

  function confirmed(one: Pending, error: unknown): void {
    if (!pending.delete(one)) return;
    if (error !== null && error !== undefined) {
      one.settle({ kind: 'nacked', reason: 'the broker refused it (basic.nack)' });
    } else if (one.returned) {
      const { exchange, routingKey } = one.message;
      const reason =
        exchange === '' ? `there is no queue ${routingKey}` : `no queue is bound to ${routingKey}`;
      one.settle({ kind: 'unroutable', reason });
    } else one.settle(undefined);
  }

  return {
    publish(message) {
      const { promise, resolve } = Promise.withResolvers<PublishFailure | undefined>();
      const one: Pending = { message, settle: resolve, returned: false };
      const { exchange, routingKey, content, options } = message;
      try {
        const more = channel.publish(
          exchange,
          routingKey,
          content,
          { ...options, mandatory: true },
          (error) => confirmed(one, error),
        );
        pending.add(one);
        if (!more) drained ??= Promise.withResolvers();
      } catch (error) {
        // Nothing was sent: the channel is gone, or the message fits into no frame.
        const own = !closed && !(error instanceof IllegalOperationError);
        resolve({ kind: own ? 'message' : 'closed', reason: String(error) });
      }
      return promise;
    },
    get full() {
      return drained !== undefined;
    },
    room: () => drained?.promise ?? Promise.resolve(),
  };
}

/** What the end of the channel means for those that waited for their confirm. */
function whatBecomes(
  pending: readonly Pending[],
  cause: Error | undefined,
): readonly (readonly [Pending, PublishFailure])[] {
  const reason = cause?.message ?? 'the channel closed before the confirm';
  const all = (kind: PublishFailure['kind'], of = pending) =>
    of.map((one) => [one, { kind, reason }] as const);
  if (cause === undefined || !blamesMessage(cause)) return all('closed');
  const limit = sizeLimit(cause);
  const tooLarge = pending.filter(({ message }) => limit !== undefined && message.content.length > limit);
  const guilty = tooLarge.length === 0 && pending.length === 1 ? pending : tooLarge;
  if (guilty.length === 0) return all('suspected');
  const innocent = pending.filter((one) => !guilty.includes(one));
  return [...all('message', guilty), ...all('closed', innocent)];
}

/** A failure for what has not come within the limit. */
export function orLate(
  limitMs: number,
  outcome: { readonly failure: PublishFailure | undefined } | undefined,
): PublishFailure | undefined {
  if (outcome !== undefined) return outcome.failure;
  return { kind: 'late', reason: `the broker did not confirm within ${limitMs} ms` };
}
