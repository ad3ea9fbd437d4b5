/** Consumes a queue: each message takes effect once, in one transaction with its inbox row. */

import type { TransactionalSql } from '@microshop/database/sql';
import { type EventType, eventHeaders } from '@microshop/topology';
import { context } from '@opentelemetry/api';
import type { ConsumeMessage } from 'amqplib';
import pLimit from 'p-limit';
import type { Logger } from 'pino';
import type { Broker } from './broker.ts';
import { deadLetter } from './dead-letter.ts';
import type { Delivery, OpenChannel, Settled } from './delivery.ts';
import { createEffects } from './effects.ts';
import type { EventHandler } from './handler.ts';
import { pruneInbox } from './inbox.ts';
import { createLanes } from './lanes.ts';
import { ageOf } from './message.ts';
import { beginConsumed, type ConsumerOutcome, countConsumed } from './metrics.ts';
import { type ConsumerState, createProgress } from './progress.ts';
import { putBack } from './put-back.ts';
import { pause, pauseAfter, within } from './waiting.ts';

/** What {@link startConsumer} needs. */
export interface ConsumerOptions {
  readonly broker: Broker;
  readonly queue: string;
  readonly sql: TransactionalSql;
  readonly logger: Logger;
  readonly handlers: Partial<Readonly<Record<EventType, EventHandler>>>;
  /** Transactions at the same time, apart from those of messages that were put off. */
  readonly concurrency?: number;
  /** Messages that take effect in one transaction at most, when as many wait. */
  readonly batchSize?: number;
  /** Called after a commit: what was written to the outbox can leave at once. */
  readonly afterCommit?: () => void;
}

/** A running consumer. */
export interface Consumer {
  /** How it is. */
  state(): ConsumerState;
  /** Whether it consumes, and makes progress when it holds messages; for readiness. */
  well(): boolean;
  /** Accepts no more messages, finishes those under way, acks them. */
  close(): Promise<void>;
}

/** Pause between two prunings of the inbox, milliseconds; and while there is more to delete. */
const pruneIntervalMs = 60_000;
const pruneAgainMs = 1000;

/** Time the broker has to answer to the end of consuming, and for dead letters that wait for it, milliseconds. */
const cancelLimitMs = 500;

/**
 * Messages held, in batches and at least. They are in memory, so a second instance does not get them. When half of these
 * places are taken by messages that wait for a lock or for the dead-letter queue, further ones are put back or handed over:
 * those behind them must not wait, too.
 */
const heldBatches = 5;
const heldAtLeast = 100;

/** Times a message was put off after which the pause grows no more (50 ms × 2⁴, half of it random). */
const longestPostponement = 4;

/** Starts a consumer, now or as soon as the broker is available. */
export function startConsumer(options: ConsumerOptions): Consumer {
  const { broker, queue, sql, logger, concurrency = 8, batchSize = 1 } = options;
  const closing = new AbortController();
  const places = Math.max(heldAtLeast, concurrency * batchSize * heldBatches);
  /** On their way to the dead-letter queue, and to the end of their own. */
  const dying = new Set<Promise<void>>();
  const leaving = new Set<Promise<void>>();
  /** Copies that wait for their confirm: a broker that takes nothing must not have one of every place. */
  const copying = pLimit(Math.ceil(places / 4));
  const effects = createEffects({ ...options, closing: closing.signal });
  const lanes = createLanes({ concurrency, batchSize, work, closing: closing.signal });
  const progress = createProgress(queue);
  let consumerTag = '';
  beginConsumed(queue);

  const kept = broker.keepChannel(async (channel) => {
    const lane: OpenChannel = { channel, open: true, held: new Set() };
    channel.once('close', () => lost(lane));
    await channel.prefetch(places);
    const reply = await channel.consume(queue, (message) => {
      // null: the broker cancelled the consumer (queue deleted); a new channel declares and consumes again
      if (message === null) giveBack(lane);
      else if (!closing.signal.aborted) take(lane, message);
    });
    consumerTag = reply.consumerTag;
    progress.consuming = lane.open;
  });

  /** What was delivered on it will be redelivered. */
  function lost(lane: OpenChannel): void {
    lane.open = false;
    progress.consuming = false;
    progress.gave(lane.held.size, false);
    lane.held.clear();
  }

  /** Ends a channel after an unexpected error: everything delivered on it is redelivered. */
  function giveBack({ channel }: OpenChannel): void {
    void channel.close().catch(() => undefined);
  }

  /** The message's own span is active here, and ends with the ack. */
  function take(lane: OpenChannel, message: ConsumeMessage): void {
    lane.held.add(message);
    progress.took();
    const alone = message.properties.headers?.[eventHeaders.alone] === true;
    const delivery = { lane, message, context: context.active(), alone, unexpected: 0, postponed: 0 };
    if (alone) lanes.postpone(delivery, 0);
    else lanes.add(delivery);
  }

  /** Never rejects: whatever happens, each delivery is acked, put off, or returned to the broker with its channel. */
  async function work(batch: readonly Delivery[]): Promise<void> {
    try {
      for (const settled of await effects.run(batch)) settle(settled);
    } catch (error) {
      logger.error(
        { err: error, queue, messages: batch.length },
        'messages cannot be settled, returned to the broker',
      );
      for (const lane of new Set(batch.map((delivery) => delivery.lane))) giveBack(lane);
    }
  }

  function settle({ delivery, outcome }: Settled): void {
    if (typeof outcome === 'object') track(dying, putAside(delivery, outcome.reason));
    else if (outcome === 'later') putOff({ ...delivery, postponed: delivery.postponed + 1 });
    else finish(delivery, outcome, outcome !== 'abandoned');
  }

  function track(set: Set<Promise<void>>, work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => set.delete(tracked));
    set.add(tracked);
  }

  /** Whether so many wait that those behind them could come to wait, too. */
  const short = () => lanes.postponed + dying.size >= places / 2;

  /** What has waited for long, and fails for no reason of its own, goes to the end of the queue when places are short. */
  function putOff(delivery: Delivery): void {
    const { alone, postponed, unexpected } = delivery;
    const long = postponed > longestPostponement && unexpected === 0;
    // a message that failed in a batch has not failed by itself yet
    const first = alone && postponed === 1;
    if (long && short()) track(leaving, moveBack(delivery));
    else lanes.postpone(delivery, first ? 0 : pauseAfter(Math.min(postponed, longestPostponement)));
  }

  async function moveBack(delivery: Delivery): Promise<void> {
    if (await copying(() => putBack(broker, queue, delivery))) finish(delivery, 'put_back', true);
    else lanes.postpone(delivery, pauseAfter(longestPostponement));
  }

  /**
   * Retries until the message is in the dead-letter queue: only then is it acked. Others do not wait for that. In the
   * message's own trace, so that what is published about it stays there.
   */
  function putAside(delivery: Delivery, reason: string): Promise<void> {
    const { message_id, type } = {
      message_id: delivery.message.properties.messageId,
      type: delivery.event?.type,
    };
    return context.with(delivery.context, async () => {
      for (let failures = 1; delivery.lane.open && !closing.signal.aborted; failures += 1) {
        try {
          const way = await copying(() => deadLetter(broker, queue, delivery, reason, short()));
          finish(delivery, 'dead_lettered', way === 'copied');
          return;
        } catch (error) {
          logger[failures === 1 ? 'warn' : 'debug'](
            { err: error, message_id, type, queue },
            'message is not in the dead-letter queue yet, keeping it',
          );
        }
        await pause(pauseAfter(failures), closing.signal);
      }
      finish(delivery, 'abandoned', false);
    });
  }

  /** Acks, unless the channel is closed: then the broker redelivers it to another consumer, or to us. */
  function finish(delivery: Delivery, outcome: ConsumerOutcome, ack: boolean): void {
    const { lane, message, event } = delivery;
    try {
      if (ack && lane.open) lane.channel.ack(message);
      countConsumed(queue, event?.type, lane.open ? outcome : 'abandoned', ageOf(message));
      const settled = lane.open && outcome !== 'abandoned' && outcome !== 'put_back';
      if (lane.held.delete(message)) progress.gave(1, settled);
    } catch (error) {
      logger.warn(
        { err: error, message_id: message.properties.messageId, queue },
        'message not acked, it will be redelivered',
      );
      giveBack(lane);
    }
  }

  let pruning = setTimeout(prune, pauseAfter(1));
  function prune(): void {
    const next = (afterMs: number) => {
      if (!closing.signal.aborted) pruning = setTimeout(prune, afterMs).unref();
    };
    pruneInbox(sql).then(
      (more) => next(more ? pruneAgainMs : pruneIntervalMs),
      // the database is unavailable: the messages will fail for the same reason
      () => next(pruneIntervalMs),
    );
  }

  return {
    state: progress.state,
    well: progress.well,
    async close() {
      closing.abort();
      clearTimeout(pruning);
      progress.close();
      // A channel that is gone has no consumer to cancel; a broker that does not answer is not waited for.
      const cancelled = kept.current()?.cancel(consumerTag);
      await within(
        cancelLimitMs,
        Promise.resolve(cancelled).catch(() => undefined),
      );
      await lanes.idle();
      await within(cancelLimitMs, Promise.all([...dying, ...leaving]));
      await kept.close();
    },
  };
}
