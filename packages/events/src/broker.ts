/**
 * RabbitMQ: publishers and consumers on a connection each. A broker that is short of memory or disk stops reading from
 * publishers; consumers must continue, or the queues that fill it would never drain.
 */
import { createHash } from 'node:crypto';
import type { ConfirmChannel } from 'amqplib';
import type { Logger } from 'pino';
import { openConnection } from './connection.ts';
import { declareTopology } from './declare.ts';
import { type KeptChannel, keepChannel } from './kept-channel.ts';
import {
  createPublisher,
  type OutgoingMessage,
  orLate,
  type Publisher,
  type PublishFailure,
} from './publisher.ts';
import { within } from './waiting.ts';

/** What {@link createBroker} needs. */
export interface BrokerOptions {
  /** `amqp://user:password@host:port`. */
  readonly url: string;
  /** Shown in RabbitMQ's list of connections, with what each is for. */
  readonly connectionName: string;
  readonly logger: Logger;
}

/** A channel to publish on that is opened again whenever it was lost. */
export interface KeptPublisher {
  /** Publishes on the open channel; undefined while there is none. */
  current(): Publisher | undefined;
  /**
   * Continues on a new channel. Once a full quorum queue has refused a message, RabbitMQ keeps refusing on that
   * channel, even after the queue has room again.
   */
  renew(): void;
  close(): Promise<void>;
}

/** RabbitMQ, whether it is available or not. */
export interface Broker {
  /** Whether there are connections right now. */
  readonly connected: boolean;
  /** Why the broker accepts nothing from publishers now, in its own words; undefined while it does accept. */
  readonly blocked: string | undefined;
  /** Keeps a channel to consume from; `open` prepares each new one. */
  keepChannel(open: (channel: ConfirmChannel) => Promise<void>): KeptChannel;
  /** Keeps a channel to publish on. */
  keepPublisher(): KeptPublisher;
  /**
   * Publishes one message; undefined once the broker has confirmed that a queue holds it. When no queue takes it,
   * exchange and queues are declared and it is sent once more. A message that waits for its confirm is not sent a
   * second time, however often this is called.
   */
  publish(message: OutgoingMessage, limitMs?: number): Promise<PublishFailure | undefined>;
  /** Declares exchange, queues and bindings again; an operator may delete them while we run. Never rejects. */
  declare(): Promise<void>;
  /** Ends the connections without waiting for a broker that does not answer. */
  close(): Promise<void>;
}

/** Time the broker has to confirm a single message, milliseconds, unless the caller says otherwise. */
const confirmLimitMs = 5000;

/** Connects to RabbitMQ, now or as soon as it is available. Never fails because it is down. */
export function createBroker({ url, connectionName, logger }: BrokerOptions): Broker {
  const kept = new Set<{ close(): Promise<void> }>();
  let closing = false;
  let unavailable = false;

  // One line for each outage, not one for each connection and attempt.
  const events = {
    connected() {
      if (!isConnected()) return;
      unavailable = false;
      logger.info('broker connected');
    },
    lost(error: Error) {
      if (!unavailable && !closing) logger.warn({ err: error }, 'broker is unavailable, events wait');
      unavailable = true;
    },
    blocked: (reason: string) => logger.warn({ reason }, 'broker blocks publishers, events wait'),
    unblocked: () => logger.info('broker accepts events again'),
  };
  const publishing = openConnection(url, `${connectionName} (publishes)`, events);
  const consuming = openConnection(url, `${connectionName} (consumes)`, events);
  const isConnected = () => publishing.connected && consuming.connected;

  function keepPublisher(): KeptPublisher {
    const publishers = new WeakMap<ConfirmChannel, Publisher>();
    const channel = keepChannel({
      source: publishing.source,
      connected: () => publishing.connected,
      purpose: 'publish',
      logger,
      open: async (opened) => void publishers.set(opened, createPublisher(opened)),
    });
    kept.add(channel);
    return {
      current() {
        const open = channel.current();
        return open === undefined ? undefined : publishers.get(open);
      },
      renew: channel.renew,
      close: channel.close,
    };
  }

  /** On a separate channel: an error about one of these messages must not close the relay's. */
  const singles = keepPublisher();
  /** Those under way. */
  const pending = new Map<unknown, Promise<{ readonly failure: PublishFailure | undefined }>>();

  async function publishOnce(message: OutgoingMessage, limitMs: number): Promise<PublishFailure | undefined> {
    const key = message.subject ?? keyOf(message);
    let outcome = pending.get(key);
    if (outcome === undefined) {
      const publisher = singles.current();
      if (publisher === undefined) return { kind: 'closed', reason: 'there is no channel to the broker' };
      if (publishing.blocked !== undefined || publisher.full) {
        return { kind: 'blocked', reason: 'the broker accepts nothing from publishers now' };
      }
      outcome = publisher.publish(message).then((failure) => {
        pending.delete(key);
        return { failure };
      });
      pending.set(key, outcome);
    }
    return orLate(limitMs, await within(limitMs, outcome));
  }

  async function declare(): Promise<void> {
    if (!publishing.connected) return;
    await declareTopology(await publishing.source).catch((error: unknown) =>
      logger.debug({ err: error }, 'exchange and queues could not be declared'),
    );
  }

  return {
    get connected() {
      return isConnected();
    },
    get blocked() {
      return publishing.blocked;
    },
    keepChannel(open) {
      const channel = keepChannel({
        source: consuming.source,
        connected: () => consuming.connected,
        purpose: 'consume',
        logger,
        open,
      });
      kept.add(channel);
      return channel;
    },
    keepPublisher,
    async publish(message, limitMs = confirmLimitMs) {
      const failure = await publishOnce(message, limitMs);
      if (failure?.kind !== 'unroutable') return failure;
      await within(limitMs, declare());
      return publishOnce(message, limitMs);
    },
    declare,
    async close() {
      closing = true;
      await Promise.all([...kept].map((channel) => channel.close()));
      await Promise.all([publishing.close(), consuming.close()]);
    },
  };
}

function keyOf({ exchange, routingKey, content, options }: OutgoingMessage): string {
  const hash = createHash('sha256').update(content).digest('base64');
  return JSON.stringify([exchange, routingKey, options.messageId, hash]);
}
