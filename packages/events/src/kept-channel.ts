/** A channel that is reopened whenever it is lost, once its exchange and queues are declared. */
import type { Channel, ConfirmChannel } from 'amqplib';
import type { Logger } from 'pino';
import { declareTopology } from './declare.ts';
import { pause, pauseAfter, within } from './waiting.ts';

/** A channel that is opened again whenever it was lost. */
export interface KeptChannel {
  /** The open channel; undefined while there is none. */
  current(): ConfirmChannel | undefined;
  /** Closes it, so that another is opened. */
  renew(): void;
  /** Closes it for good; does not wait for a broker that does not answer. */
  close(): Promise<void>;
}

/** Where channels come from; each waits for the connection. */
export interface ChannelSource {
  createChannel(): Promise<Channel>;
  createConfirmChannel(): Promise<ConfirmChannel>;
}

/** What {@link keepChannel} needs. */
export interface KeptChannelOptions {
  readonly source: Promise<ChannelSource>;
  /** Whether its connection is open: while it is not, the broker's own log line says so. */
  readonly connected: () => boolean;
  /** What it is for, in the log. */
  readonly purpose: string;
  readonly logger: Logger;
  /** Prepares each new one. */
  readonly open: (channel: ConfirmChannel) => Promise<void>;
}

/** Time a channel lives when nothing is wrong any more, milliseconds; one that broke earlier broke of the same thing. */
const steadyMs = 5000;

/** Time the broker has to answer to a close, milliseconds. */
const closeLimitMs = 500;

/** Keeps a channel. Whatever is wrong, it waits, declares again and continues; one log line reports each outage. */
export function keepChannel(options: KeptChannelOptions): KeptChannel {
  const { source, connected, purpose, logger, open } = options;
  const closing = new AbortController();
  let current: ConfirmChannel | undefined;

  /** Resolves with what broke the channel, if anything did. */
  async function use(): Promise<Error | undefined> {
    const connection = await source;
    await declareTopology(connection);
    const channel = await connection.createConfirmChannel();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    let cause: Error | undefined;
    channel.on('error', (error: Error) => {
      cause = error;
    });
    channel.on('close', () => resolve());
    try {
      await open(channel);
    } catch (error) {
      await closeWithin(channel);
      throw error;
    }
    if (closing.signal.aborted) await closeWithin(channel);
    else current = channel;
    await ended;
    return cause;
  }

  async function keep(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; ) {
      const began = performance.now();
      const cause = await use().catch((error: unknown) => error);
      current = undefined;
      if (closing.signal.aborted) return;
      if (performance.now() - began > steadyMs) failures = 0;
      failures += 1;
      const first = failures === 1 && cause !== undefined && connected();
      logger[first ? 'warn' : 'debug']({ err: cause, purpose }, 'channel was lost, opening another');
      await pause(pauseAfter(failures), closing.signal);
    }
  }
  void keep();

  return {
    current: () => current,
    renew() {
      const channel = current;
      current = undefined;
      if (channel !== undefined) void closeWithin(channel);
    },
    async close() {
      closing.abort();
      const channel = current;
      current = undefined;
      if (channel !== undefined) await closeWithin(channel);
    },
  };
}

/** A channel that is gone cannot be closed, and need not be. */
async function closeWithin(channel: ConfirmChannel): Promise<void> {
  await within(
    closeLimitMs,
    channel.close().catch(() => undefined),
  );
}
