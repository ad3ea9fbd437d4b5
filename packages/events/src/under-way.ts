/** Rows that a relay has leased: published, each in the trace of the request that wrote it, and settled. */
import { attributes, eventExchange, eventHeaders, publishAttributesKeyName } from '@microshop/topology';
import {
  type AttributeValue,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
} from '@opentelemetry/api';
import type { OutboxRow } from './outbox.ts';
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

/**
 * Context key under which the telemetry bootstrap's publish hook finds attributes for the producer span. OpenTelemetry
 * makes the same key from the same name, so the two need not import each other.
 */
export const publishAttributesKey = createContextKey(publishAttributesKeyName);

/** Undefined once the broker has confirmed that a queue holds the event; takes as long as the channel lives. */
function publishRow(publisher: Publisher, row: OutboxRow): Promise<PublishFailure | undefined> {
  // The producer span becomes a child of the request that wrote the row, however late this is.
  const origin = propagation.extract(ROOT_CONTEXT, row.headers);
  const spanAttributes: Record<string, AttributeValue> = {
    [attributes.eventType]: row.type,
    [attributes.outboxWaitMs]: Math.max(0, row.wait_ms),
  };
  return context.with(origin.setValue(publishAttributesKey, spanAttributes), () =>
    publisher.publish({
      exchange: eventExchange,
      routingKey: row.routing_key,
      content: Buffer.from(JSON.stringify(row.body)),
      options: {
        messageId: row.message_id,
        type: row.type,
        timestamp: Math.floor(row.created_ms / 1000),
        contentType: 'application/json',
        persistent: true,
        headers: { ...row.headers, [eventHeaders.created]: Math.floor(row.created_ms) },
      },
    }),
  );
}
