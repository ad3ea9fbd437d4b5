/** A broker of which a test decides every answer. */
import { EventEmitter } from 'node:events';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { Broker } from '../broker.ts';
import type { OutgoingMessage, PublishFailure } from '../publisher.ts';
import { messageOf } from './message.ts';

/** What the consumer under test has done, and what the test can do to it. */
export interface FakeBroker {
  readonly broker: Broker;
  /** Delivers a message over the channel that is open. */
  deliver(message: {
    readonly messageId: string;
    readonly content: string;
    readonly headers?: Readonly<Record<string, unknown>>;
    readonly replyTo?: string;
  }): void;
  /** Ids of the messages that were acked, in their order. */
  readonly acked: readonly string[];
  /** Ids of the messages that were refused for good: the broker moves them to the dead-letter queue. */
  readonly handedOver: readonly string[];
  readonly published: readonly OutgoingMessage[];
  /** Settles the oldest message that waits for its confirm. */
  confirm(failure?: PublishFailure): void;
  /** The channel closes, and another one is opened. */
  loseChannel(): Promise<void>;
}

/** A broker whose channel the consumer under test has not opened yet. */
export function fakeBroker(): FakeBroker {
  const acked: string[] = [];
  const handedOver: string[] = [];
  const published: OutgoingMessage[] = [];
  const waiting: ((failure: PublishFailure | undefined) => void)[] = [];
  let open: ((channel: ConfirmChannel) => Promise<void>) | undefined;
  let channel: EventEmitter | undefined;
  let consume: ((message: ConsumeMessage | null) => void) | undefined;
  let tag = 0;

  async function openChannel(): Promise<void> {
    const opened = fakeChannel({
      prefetch: async () => ({}),
      consume: async (_queue, onMessage) => {
        consume = onMessage;
        return { consumerTag: 'consumer' };
      },
      assertQueue: async (queue = '') => ({ queue, messageCount: 0, consumerCount: 0 }),
      ack: ({ properties }) => void acked.push(String(properties.messageId)),
      checkQueue: async (queue) => ({ queue, messageCount: 0, consumerCount: 0 }),
      nack: ({ properties }, _all, requeue) => {
        if (requeue === false) handedOver.push(String(properties.messageId));
      },
      cancel: async (consumerTag) => ({ consumerTag }),
      close: async () => void opened.emit('close'),
    });
    channel = opened;
    await open?.(opened);
  }

  return {
    acked,
    handedOver,
    published,
    broker: {
      connected: true,
      blocked: undefined,
      keepChannel(whenOpen) {
        open = whenOpen;
        void openChannel();
        return { current: () => undefined, renew: () => undefined, close: async () => undefined };
      },
      keepPublisher() {
        throw new Error('A consumer publishes single messages');
      },
      publish(message) {
        published.push(message);
        return new Promise((resolve) => waiting.push(resolve));
      },
      declare: async () => undefined,
      close: async () => undefined,
    },
    deliver({ content, ...properties }) {
      tag += 1;
      const message = { type: 'ORDER_CREATED', correlationId: properties.messageId, ...properties };
      consume?.(messageOf(message, content, tag));
    },
    confirm: (failure) => waiting.shift()?.(failure),
    async loseChannel() {
      channel?.emit('close');
      await openChannel();
    },
  };
}

/** A channel that can do that much. */
export function fakeChannel(methods: Partial<ConfirmChannel> = {}): ConfirmChannel {
  const made: unknown = Object.assign(new EventEmitter(), methods);
  if (!isChannel(made)) throw new Error('An emitter is no emitter');
  return made;
}

/** It has all that a consumer uses. */
function isChannel(value: unknown): value is ConfirmChannel {
  return value instanceof EventEmitter;
}
