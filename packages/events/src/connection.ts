/** One connection to RabbitMQ that recovers by itself. */
import { Duplex } from 'node:stream';
import { type ChannelModel, connect, type RecoveringChannelModel } from 'amqplib';
import { within } from './waiting.ts';

/** A connection, open or not. */
export interface BrokerConnection {
  readonly connected: boolean;
  /** Why the broker accepts nothing on this connection now, in its own words; undefined while it does. */
  readonly blocked: string | undefined;
  /** Channels wait for the connection to be there. */
  readonly source: Promise<RecoveringChannelModel>;
  /** Ends it; does not wait for a broker that does not answer. */
  close(): Promise<void>;
}

/** Called when a connection opens, is lost, is blocked, and is no longer blocked. */
export interface ConnectionEvents {
  readonly connected: () => void;
  readonly lost: (error: Error) => void;
  readonly blocked: (reason: string) => void;
  readonly unblocked: () => void;
}

/** Pauses between attempts to connect, milliseconds. */
const recoveryPauses = { initialDelay: 100, maxDelay: 2000 } as const;

/** Seconds between heartbeats: a peer that vanished is noticed after two. */
const heartbeatSeconds = 5;

/** Time an attempt to connect may take, milliseconds. */
const connectTimeoutMs = 5000;

/** Time the broker has to answer to a close, milliseconds. */
const closeLimitMs = 1000;

/** Connects, now or as soon as the broker is available. `name` is shown in RabbitMQ's list of connections. */
export function openConnection(url: string, name: string, events: ConnectionEvents): BrokerConnection {
  const address = new URL(url);
  address.searchParams.set('heartbeat', String(heartbeatSeconds));
  let model: ChannelModel | undefined;
  let blocked: string | undefined;

  const source = connect(address.href, {
    clientProperties: { connection_name: name },
    timeout: connectTimeoutMs,
    // a message is several small writes: with Nagle's algorithm the last waits for the broker's delayed ACK, 40 ms
    noDelay: true,
    recovery: { ...recoveryPauses, waitForConnect: false },
  }).then((connection) => {
    connection.on('connect', (connected: ChannelModel) => {
      model = connected;
      events.connected();
    });
    const lost = (error: Error) => {
      model = undefined;
      blocked = undefined;
      events.lost(error);
    };
    connection.on('disconnect', lost);
    connection.on('connect-failed', lost);
    // Without a listener Node would end the process; what follows is a `disconnect`.
    connection.on('error', () => undefined);
    connection.on('blocked', (reason: string) => {
      blocked = reason;
      events.blocked(reason);
    });
    connection.on('unblocked', () => {
      blocked = undefined;
      events.unblocked();
    });
    return connection;
  });

  return {
    source,
    get connected() {
      return model !== undefined;
    },
    get blocked() {
      return blocked;
    },
    async close() {
      const connection = await source;
      const last = model;
      model = undefined;
      const closed = await within(
        closeLimitMs,
        connection.close().then(() => true),
      );
      if (closed === undefined && last !== undefined) endSocket(last.connection);
    },
  };
}

/** What is not answered would keep the process alive until the heartbeat fails. */
function endSocket(connection: object): void {
  if ('stream' in connection && connection.stream instanceof Duplex) connection.stream.destroy();
}
