/** The connection to RabbitMQ: recovers by itself, declares the shop's exchange and queues, keeps channels open. */
import { deadLetterQueue, deliveryLimit, eventExchange, eventRoutes } from '@microshop/topology';
import { type ChannelModel, type ConfirmChannel, connect, type RecoveringChannelModel } from 'amqplib';
import type { Logger } from 'pino';
import { pause, pauseAfter } from './back-off.ts';

/** What {@link createBroker} needs. */
export interface BrokerOptions {
  /** `amqp://user:password@host:port`. */
  readonly url: string;
  /** Shown in RabbitMQ's list of connections. */
  readonly connectionName: string;
  readonly logger: Logger;
}

/** A channel that is opened again whenever it was lost. */
export interface KeptChannel {
  /** The open channel; undefined while there is none. */
  current(): ConfirmChannel | undefined;
  /** Closes it for good. */
  close(): Promise<void>;
}

/** RabbitMQ, there or not. */
export interface Broker {
  /** Whether there is a connection right now. */
  readonly connected: boolean;
  /** Keeps a channel; `open` prepares each new one, `lost` is told the error of one that broke. */
  keepChannel(open: (channel: ConfirmChannel) => Promise<void>, lost?: (error: Error) => void): KeptChannel;
  close(): Promise<void>;
}

/** Pauses between attempts to connect, milliseconds. */
const recoveryPauses = { initialDelay: 100, maxDelay: 2000 } as const;

/** Seconds between heartbeats: a peer that vanished is noticed after two. */
const heartbeatSeconds = 5;

/** Time an attempt to connect may take, milliseconds. */
const connectTimeoutMs = 5000;

/** Connects to RabbitMQ, now or whenever it is there. Never fails for its absence. */
export function createBroker({ url, connectionName, logger }: BrokerOptions): Broker {
  const address = new URL(url);
  address.searchParams.set('heartbeat', String(heartbeatSeconds));
  const closing = new AbortController();
  const kept = new Set<KeptChannel>();
  let connected = false;
  let away = false;

  const opening: Promise<RecoveringChannelModel> = connect(address.href, {
    clientProperties: { connection_name: connectionName },
    timeout: connectTimeoutMs,
    // a message is several small writes: with Nagle's algorithm the last waits for the broker's delayed ACK, 40 ms
    noDelay: true,
    recovery: { ...recoveryPauses, waitForConnect: false, setup: declareTopology },
  }).then((connection) => {
    connection.on('connect', () => {
      connected = true;
      away = false;
      logger.info('broker connected');
    });
    // One line for each outage, not one for each attempt.
    const gone = (error: Error) => {
      connected = false;
      if (!away && !closing.signal.aborted) logger.warn({ err: error }, 'broker is away, events wait');
      away = true;
    };
    connection.on('disconnect', gone);
    connection.on('connect-failed', gone);
    // Without a listener Node would end the process; what follows is a `disconnect`.
    connection.on('error', () => undefined);
    return connection;
  });

  return {
    get connected() {
      return connected;
    },
    keepChannel(open, lost) {
      const channel = keepChannel(opening, open, lost, logger);
      kept.add(channel);
      return channel;
    },
    async close() {
      closing.abort();
      await Promise.all([...kept].map((channel) => channel.close()));
      const connection = await opening;
      await connection.close();
      connected = false;
    },
  };
}

function keepChannel(
  opening: Promise<RecoveringChannelModel>,
  open: (channel: ConfirmChannel) => Promise<void>,
  lost: ((error: Error) => void) | undefined,
  logger: Logger,
): KeptChannel {
  const closing = new AbortController();
  let current: ConfirmChannel | undefined;

  async function keep(): Promise<void> {
    const connection = await opening;
    for (let failures = 0; !closing.signal.aborted; ) {
      try {
        const channel = await connection.createConfirmChannel();
        const { promise: ended, resolve } = Promise.withResolvers<void>();
        channel.on('error', (error: Error) => {
          lost?.(error);
          logger.warn({ err: error }, 'channel broke, opening another');
        });
        channel.on('close', () => resolve());
        await open(channel);
        current = channel;
        failures = 0;
        await ended;
      } catch (error) {
        // The connection went away meanwhile; that is reported by the broker, once for each outage.
        logger.debug({ err: error }, 'channel could not be opened');
      } finally {
        current = undefined;
      }
      failures += 1;
      await pause(pauseAfter(failures), closing.signal);
    }
  }
  void keep();

  return {
    current: () => current,
    async close() {
      closing.abort();
      const channel = current;
      current = undefined;
      // A channel that is gone cannot be closed, and need not be.
      await channel?.close().catch(() => undefined);
    },
  };
}

/**
 * Looks at a dead letter, each of which puts it back. RabbitMQ 4 gives quorum queues a limit of 20 unless they have
 * their own, and drops what exceeds it: so many as never come.
 */
const deadLetterDeliveryLimit = 1_000_000_000;

/** Exchange, quorum queues with their dead-letter queues, bindings. Idempotent. */
async function declareTopology(connection: ChannelModel): Promise<void> {
  const channel = await connection.createChannel();
  await channel.assertExchange(eventExchange, 'topic', { durable: true });
  for (const queue of new Set(eventRoutes.map((route) => route.queue))) {
    await channel.assertQueue(deadLetterQueue(queue), {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': deadLetterDeliveryLimit },
    });
    await channel.assertQueue(queue, {
      durable: true,
      arguments: {
        'x-queue-type': 'quorum',
        'x-delivery-limit': deliveryLimit,
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': deadLetterQueue(queue),
      },
    });
  }
  for (const { queue, routingKey } of eventRoutes) await channel.bindQueue(queue, eventExchange, routingKey);
  await channel.close();
}
