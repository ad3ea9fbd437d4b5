/** The relay: carries rows of the outbox to the broker. Any number of them may run beside each other. */
import type { Logger } from 'pino';
import { pause, pauseAfter } from './back-off.ts';
import type { Broker } from './broker.ts';
import { failpoint } from './failpoint.ts';
import { beginRelayed, countRelayed, observeOutbox } from './metrics.ts';
import { claimRows, markPublished, type OutboxRow, postpone, prunePublished, setAside } from './outbox.ts';
import { type PublishOutcome, publishRows } from './publish.ts';
import type { Sql } from './sql.ts';

/** What {@link startRelay} needs. */
export interface RelayOptions {
  readonly sql: Sql;
  readonly broker: Broker;
  readonly logger: Logger;
  /** Pause between looks for rows of other instances, milliseconds. */
  readonly pollIntervalMs?: number;
  /** Rows published at a time. */
  readonly batchSize?: number;
  /** Time after which the rows of a relay that died are anybody's, milliseconds. */
  readonly leaseMs?: number;
}

/** A running relay. */
export interface Relay {
  /** Looks at once: to be called after a commit that wrote a row. */
  readonly wake: () => void;
  /** Stops claiming, waits for confirms under way. */
  close(): Promise<void>;
}

/** Pause between two prunings of published rows, milliseconds. */
const pruneIntervalMs = 60_000;

/** The same while there is more to delete, milliseconds. */
const pruneAgainMs = 1000;

/** Starts a relay. */
export function startRelay(options: RelayOptions): Relay {
  const { sql, broker, logger, pollIntervalMs = 200, batchSize = 100, leaseMs = 10_000 } = options;
  const closing = new AbortController();
  let alarm = Promise.withResolvers<void>();
  /** What broke the channel since the last batch began. */
  const errors: Error[] = [];
  const kept = broker.keepChannel(
    async () => undefined,
    (error) => {
      errors.push(error);
    },
  );
  /** A row of the last batch broke the channel: find it by publishing one at a time. */
  let oneByOne = false;
  /** Rows wait for a reason that has been logged. */
  let waiting = false;
  /** A commit of this process called. */
  let woken = false;

  /** Publishes one batch. Returns whether to look again at once. */
  async function relayBatch(): Promise<boolean> {
    const channel = kept.current();
    if (channel === undefined) return false;
    const count = oneByOne ? 1 : batchSize;
    if (woken) failpoint('relay.woken');
    woken = false;
    const rows = await claimRows(sql, count, leaseMs);
    if (rows.length === 0) {
      oneByOne = false;
      return false;
    }
    failpoint('relay.leased');
    errors.length = 0;
    const outcomes = await publishRows(channel, rows);
    failpoint('relay.confirmed');
    const published = outcomes.filter(({ failure }) => failure === undefined).map(({ row }) => row.id);
    if (published.length > 0) await markPublished(sql, published);
    countRelayed('published', published.length);

    const failed = outcomes.filter(({ failure }) => failure !== undefined);
    if (failed.length === 0) {
      if (waiting) logger.info({ published: published.length }, 'events leave again');
      waiting = false;
      return rows.length === count;
    }
    const [error] = errors;
    // A channel that breaks under one row alone, while the connection stays, breaks because of that row.
    const broke = error !== undefined && rows.length === 1;
    for (const { row, failure } of failed) {
      if (failure?.own === true) await putAside(row, failure.reason);
      else if (broke) await putAside(row, error.message);
    }
    await letWait(broke ? [] : failed.filter(({ failure }) => failure?.own !== true), error !== undefined);
    // rows behind those that were set aside need not wait
    return broke;
  }

  async function putAside(row: OutboxRow, reason: string): Promise<void> {
    await setAside(sql, row.id, reason);
    countRelayed('set_aside', 1);
    logger.error(
      { reason, message_id: row.message_id, type: row.type },
      'event cannot be published, set aside',
    );
  }

  /** After a channel error the rows are tried one at a time, at once. */
  async function letWait(failed: readonly PublishOutcome[], channelBroke: boolean): Promise<void> {
    oneByOne = channelBroke;
    const [first] = failed;
    if (first === undefined) return;
    const reason = first.failure?.reason ?? '';
    const ids = failed.map(({ row }) => row.id);
    await postpone(sql, ids, oneByOne ? 0 : pauseAfter(5), reason);
    countRelayed('waiting', ids.length);
    if (!waiting) logger.warn({ reason, events: ids.length }, 'events wait in the outbox');
    waiting = true;
  }

  async function run(): Promise<void> {
    let failures = 0;
    let nextPrune = 0;
    while (!closing.signal.aborted) {
      // Made anew before the look, so that a wake during it is not lost.
      alarm = Promise.withResolvers<void>();
      let again = false;
      try {
        again = await relayBatch();
        if (Date.now() >= nextPrune) {
          nextPrune = Date.now() + pruneIntervalMs;
          if (await prunePublished(sql)) nextPrune = Date.now() + pruneAgainMs;
        }
        if (failures > 0) logger.info('relay works again');
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === 1) logger.warn({ err: error }, 'relay cannot reach its database, trying again');
        await pause(pauseAfter(failures), closing.signal);
      }
      if (!again) await Promise.race([alarm.promise, pause(pollIntervalMs, closing.signal)]);
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
    async close() {
      closing.abort();
      endObserving();
      await running;
      await kept.close();
    },
  };
}
