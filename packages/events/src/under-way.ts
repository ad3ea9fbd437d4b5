/** Rows that a relay has leased: on their way to the broker, or settled and not yet recorded in the database. */
import type { OutboxRow } from './outbox.ts';
import { publishRow } from './publish.ts';
import type { Publisher, PublishFailure } from './publisher.ts';

/** What became of a row: confirmed, or the reason why not. */
export interface PublishOutcome {
  readonly row: OutboxRow;
  readonly failure: PublishFailure | undefined;
}

/** The rows of one relay. */
export interface UnderWay {
  /** Rows that wait for their confirm. */
  readonly size: number;
  /** Publishes rows, as fast as the channel takes them. Resolves when each is settled; never rejects. */
  send(publisher: Publisher, rows: readonly OutboxRow[]): Promise<void>;
  /** Ids of the rows that have waited longer than that, milliseconds. */
  olderThan(ms: number): string[];
  /** Hands the outcomes there are to `record`; when that fails, they are handed out again the next time. */
  settle(record: (outcomes: readonly PublishOutcome[]) => Promise<void>): Promise<void>;
}

/** Nothing is under way. */
export function createUnderWay(): UnderWay {
  /** Begin of the wait by id, milliseconds of `performance.now()`. */
  const since = new Map<string, number>();
  let settled: PublishOutcome[] = [];

  return {
    get size() {
      return since.size;
    },
    async send(publisher, rows) {
      const now = performance.now();
      for (const row of rows) since.set(row.id, now);
      const outcomes: Promise<void>[] = [];
      for (const row of rows) {
        if (publisher.full) await publisher.room();
        outcomes.push(
          publishRow(publisher, row).then((failure) => {
            since.delete(row.id);
            settled.push({ row, failure });
          }),
        );
      }
      await Promise.all(outcomes);
    },
    olderThan(ms) {
      const before = performance.now() - ms;
      return [...since].flatMap(([id, began]) => (began < before ? [id] : []));
    },
    async settle(record) {
      if (settled.length === 0) return;
      const outcomes = settled;
      settled = [];
      try {
        await record(outcomes);
      } catch (error) {
        settled = [...outcomes, ...settled];
        throw error;
      }
    },
  };
}
