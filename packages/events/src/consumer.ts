/** Consumes a queue: each message takes effect once, in one transaction with its inbox row. */
import type { EventType } from '@microshop/topology';
import { context } from '@opentelemetry/api';
import type { ConsumeMessage } from 'amqplib';
import type { Logger } from 'pino';
import { pauseAfter } from './back-off.ts';
import type { Broker } from './broker.ts';
import { deadLetter } from './dead-letter.ts';
import { createEffects, type Delivery, type OpenChannel } from './effects.ts';
import type { EventHandler } from './handler.ts';
import { pruneInbox } from './inbox.ts';
import { beginConsumed, countConsumed } from './metrics.ts';
import type { TransactionalSql } from './sql.ts';
import { within } from './within.ts';

/** What {@link startConsumer} needs. */
export interface ConsumerOptions {
  readonly broker: Broker;
  readonly queue: string;
  readonly sql: TransactionalSql;
  readonly logger: Logger;
  readonly handlers: Partial<Readonly<Record<EventType, EventHandler>>>;
  /** Transactions at the same time. */
  readonly concurrency?: number;
  /** Messages that take effect in one transaction at most, when as many wait. */
  readonly batchSize?: number;
  /** Called after a commit: what was written to the outbox can leave at once. */
  readonly afterCommit?: () => void;
}

/** A running consumer. */
export interface Consumer {
  /** Takes no more messages, finishes those under way, acks them. */
  close(): Promise<void>;
}

/** Pause between two prunings of the inbox, milliseconds; and while there is more to delete. */
const pruneIntervalMs = 60_000;
const pruneAgainMs = 1000;

/** Time the broker has to answer to the end of consuming, milliseconds. */
const cancelLimitMs = 500;

/** Starts a consumer, now or whenever the broker is there. */
export function startConsumer(options: ConsumerOptions): Consumer {
  const { broker, queue, sql, logger, concurrency = 8, batchSize = 1 } = options;
  const closing = new AbortController();
  /** Delivered, not begun. */
  const waiting: Delivery[] = [];
  const underWay = new Set<Promise<void>>();
  const effects = createEffects({ ...options, closing: closing.signal });
  let consumerTag = '';
  let pumpPlanned = false;
  beginConsumed(queue);

  const kept = broker.keepChannel(async (channel) => {
    const lane: OpenChannel = { channel, open: true };
    channel.once('close', () => {
      lane.open = false;
    });
    // One batch waits while one is under way; a message beyond that is better off with another consumer.
    await channel.prefetch(concurrency * batchSize * (batchSize > 1 ? 2 : 1));
    const reply = await channel.consume(queue, (message) => {
      // null: the broker cancelled the consumer (queue deleted); a new channel declares and consumes again
      if (message === null) void channel.close().catch(() => undefined);
      else if (!closing.signal.aborted) take(lane, message);
    });
    consumerTag = reply.consumerTag;
  });

  /** The message's own span is active here, and ends with the ack. */
  function take(lane: OpenChannel, message: ConsumeMessage): void {
    waiting.push({ lane, message, context: context.active() });
    if (pumpPlanned) return;
    pumpPlanned = true;
    // after the other messages of the same read, so that they can go together
    queueMicrotask(() => {
      pumpPlanned = false;
      pump();
    });
  }

  function pump(): void {
    while (underWay.size < concurrency && waiting.length > 0 && !closing.signal.aborted) {
      // what came over a channel that is gone will come again
      const batch = waiting.splice(0, batchSize).filter(({ lane }) => lane.open);
      if (batch.length === 0) continue;
      const work: Promise<void> = run(batch).finally(() => {
        underWay.delete(work);
        pump();
      });
      underWay.add(work);
    }
  }

  /** Never rejects. */
  async function run(batch: readonly Delivery[]): Promise<void> {
    await effects.run(batch, async (delivery, outcome) => {
      const { lane, message } = delivery;
      const type = delivery.event?.type;
      try {
        // Not acked: the broker gives it to another consumer, or to us again.
        if (outcome === 'abandoned' || !lane.open) {
          countConsumed(queue, type, 'abandoned');
          return;
        }
        if (typeof outcome === 'object') await deadLetter(broker, queue, message, outcome.reason);
        lane.channel.ack(message);
        countConsumed(queue, type, typeof outcome === 'object' ? 'dead_lettered' : outcome, delivery.age);
      } catch (error) {
        logger.warn(
          { err: error, message_id: message.properties.messageId },
          'message not acked, it will come again',
        );
      }
    });
  }

  let pruning = setTimeout(prune, pauseAfter(1));
  function prune(): void {
    const next = (afterMs: number) => {
      if (!closing.signal.aborted) pruning = setTimeout(prune, afterMs).unref();
    };
    pruneInbox(sql).then(
      (more) => next(more ? pruneAgainMs : pruneIntervalMs),
      // the database is away: the messages themselves will tell
      () => next(pruneIntervalMs),
    );
  }

  return {
    async close() {
      closing.abort();
      clearTimeout(pruning);
      // A channel that is gone has no consumer to cancel; a broker that does not answer is not waited for.
      const cancelled = kept.current()?.cancel(consumerTag);
      await within(
        cancelLimitMs,
        Promise.resolve(cancelled).catch(() => undefined),
      );
      await Promise.all(underWay);
      await kept.close();
    },
  };
}
