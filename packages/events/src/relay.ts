/** The relay: carries rows of the outbox to the broker. Any number of them may run side by side. */

import type { Sql } from '@microshop/database/sql';
import type { Logger } from 'pino';
import type { Broker, KeptPublisher } from './broker.ts';
import { failpoint } from './failpoint.ts';
import { beginRelayed, countRelayed, observeOutbox } from './metrics.ts';
import { claimRows, markPublished, postpone, prunePublished, renewLeases, setAside } from './outbox.ts';
import { createTroubles } from './troubles.ts';
import { createUnderWay, type PublishOutcome } from './under-way.ts';
import { pause, pauseAfter, within } from './waiting.ts';

/** What {@link startRelay} needs. */
export interface RelayOptions {
  readonly sql: Sql;
  readonly broker: Broker;
  readonly logger: Logger;
  /** Pause between polls for rows of other instances, milliseconds; up to five times that while there are none. */
  readonly pollIntervalMs?: number;
  /** Rows that wait for their confirm at the same time, at most. */
  readonly batchSize?: number;
  /**
   * Time after which another relay may take the rows of one that died, milliseconds; a running relay renews its
   * leases.
   */
  readonly leaseMs?: number;
  /** SQL condition on a row of `outbox`: published rows for which it holds are not deleted. */
  readonly keepPublished?: string;
}

/** A running relay. */
export interface Relay {
  /** Polls at once: to be called after a commit that wrote a row. */
  readonly wake: () => void;
  /** Why events are not published now; undefined while they are, or would be. */
  readonly problem: string | undefined;
  /** Stops claiming, waits a moment for the confirms of the last batch. */
  close(): Promise<void>;
}

/**
 * Time the loop waits for the confirms of a batch, milliseconds. Slower ones stay under way and others overtake them;
 * after an ordered stop the next relay sends them again.
 */
const patienceMs = 1000;

/** A confirm that takes longer means that the broker does not work, milliseconds. */
const slowConfirmMs = 5000;

/** Refusals for so long may be the channel's, milliseconds: see {@link KeptPublisher.renew}. */
const refusedForMs = 10_000;

/** Pauses while nothing waits, as multiples of the usual one: what this process writes wakes the relay. */
const longestIdlePause = 5;

/** Pause between two prunings of published rows, milliseconds. */
const pruneIntervalMs = 60_000;

/** The same while there is more to delete, milliseconds. */
const pruneAgainMs = 1000;

/** Starts a relay. */
export function startRelay(options: RelayOptions): Relay {
  const { sql, broker, logger, pollIntervalMs = 200, batchSize = 100, leaseMs = 10_000 } = options;
  const closing = new AbortController();
  let alarm = Promise.withResolvers<void>();
  const kept: KeptPublisher = broker.keepPublisher();
  const underWay = createUnderWay();
  const troubles = createTroubles(logger);
  /** One of the rows of a batch ended the channel: find it by publishing one at a time. */
  let oneByOne = false;
  /** Begin of the refusals, milliseconds of `performance.now()`; undefined while the broker takes something. */
  let refusedSince: number | undefined;
  /** A commit of this process called. */
  let woken = false;
  /** Polls in a row that found nothing. */
  let idlePolls = 0;

  /** Publishes one batch. Returns whether to poll again at once. */
  async function relayBatch(): Promise<boolean> {
    await underWay.settle(record);
    const publisher = kept.current();
    if (publisher === undefined || broker.blocked !== undefined) {
      idlePolls = 0;
      return false;
    }
    const room = (oneByOne ? 1 : batchSize) - underWay.size;
    if (room <= 0) return false;
    if (woken) failpoint('relay.woken');
    woken = false;
    const rows = await claimRows(sql, room, leaseMs);
    idlePolls = rows.length === 0 ? idlePolls + 1 : 0;
    if (rows.length === 0) {
      oneByOne = false;
      return false;
    }
    failpoint('relay.leased');
    await within(patienceMs, underWay.send(publisher, rows));
    await underWay.settle(record);
    return rows.length === room;
  }

  async function record(outcomes: readonly PublishOutcome[]): Promise<void> {
    // a lease that is renewed later than this would delay retries
    await renewal;
    const published = outcomes.filter(({ failure }) => failure === undefined).map(({ row }) => row);
    if (published.length > 0) {
      failpoint('relay.confirmed');
      await markPublished(
        sql,
        published.map(({ id }) => id),
      );
      countRelayed('published', published.length);
    }
    const failed = outcomes.filter(({ failure }) => failure !== undefined);
    for (const { row, failure } of failed) {
      if (failure?.kind !== 'message') continue;
      await setAside(sql, row.id, failure.reason);
      oneByOne = false;
      countRelayed('set_aside', 1);
      logger.error(
        { reason: failure.reason, message_id: row.message_id, type: row.type },
        'event cannot be published, set aside',
      );
    }
    if (published.length > 0) refusedSince = undefined;
    await letWait(failed.filter(({ failure }) => failure?.kind !== 'message'));
    troubles.note(outcomes);
  }

  /** Continues on a new channel when every message has been refused for a long time. */
  function renewWhenRefused(): void {
    const now = performance.now();
    refusedSince ??= now;
    if (now - refusedSince < refusedForMs || underWay.size > 0) return;
    refusedSince = undefined;
    kept.renew();
  }

  /** What a new channel may take is sent as soon as there is one, the rest after a pause. */
  async function letWait(failed: readonly PublishOutcome[]): Promise<void> {
    if (failed.some(({ failure }) => failure?.kind === 'suspected')) oneByOne = true;
    for (const [reason, outcomes] of Map.groupBy(failed, ({ failure }) => failure?.reason ?? '')) {
      const ids = outcomes.map(({ row }) => row.id);
      const passing = outcomes.every(
        ({ failure }) => failure?.kind === 'closed' || failure?.kind === 'suspected',
      );
      await postpone(sql, ids, passing ? 0 : pauseAfter(5), reason);
      countRelayed('waiting', ids.length);
    }
    if (failed.some(({ failure }) => failure?.kind === 'nacked')) renewWhenRefused();
    if (failed.some(({ failure }) => failure?.kind === 'unroutable'))
      await within(patienceMs, broker.declare());
  }

  /** What waits for its confirm on a living channel must not be sent by another relay. */
  let renewal: Promise<unknown> = Promise.resolve();
  const renewing = setInterval(() => {
    const ids = underWay.olderThan(leaseMs / 3);
    // a database that is unavailable is logged by the loop
    if (ids.length > 0) renewal = renewLeases(sql, ids, leaseMs).catch(() => undefined);
  }, leaseMs / 3).unref();

  async function run(): Promise<void> {
    let failures = 0;
    let nextPrune = 0;
    while (!closing.signal.aborted) {
      // Created again before each poll, so that a wake during it is not lost.
      alarm = Promise.withResolvers<void>();
      let again = false;
      try {
        again = await relayBatch();
        if (Date.now() >= nextPrune) {
          nextPrune = Date.now() + pruneIntervalMs;
          if (await prunePublished(sql, options.keepPublished)) nextPrune = Date.now() + pruneAgainMs;
        }
        if (failures > 0) logger.info('relay works again');
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === 1) logger.warn({ err: error }, 'relay cannot reach its database, retrying');
        await pause(pauseAfter(failures), closing.signal);
      }
      const pauseMs = pollIntervalMs * Math.min(Math.max(idlePolls, 1), longestIdlePause);
      if (!again) await Promise.race([alarm.promise, pause(pauseMs, closing.signal)]);
    }
  }
  const running = run();
  beginRelayed();
  const endObserving = observeOutbox(sql);

  return {
    wake() {
      woken = true;
      alarm.resolve();
    },
    get problem() {
      if (broker.blocked !== undefined) return `the broker blocks publishers: ${broker.blocked}`;
      if (kept.current() === undefined) return 'there is no channel to the broker';
      if (underWay.olderThan(slowConfirmMs).length > 0) return 'the broker does not confirm';
      return troubles.reason;
    },
    async close() {
      closing.abort();
      endObserving();
      await running;
      clearInterval(renewing);
      // what cannot be recorded is sent again, and still takes effect once
      await underWay
        .settle(record)
        .catch((error: unknown) =>
          logger.warn({ err: error }, 'published events could not be marked, they will be sent again'),
        );
      troubles.close();
      await kept.close();
    },
  };
}
