/** Metrics of events on their way: `shop.outbox.*`, `shop.relay.*`, `shop.consumer.*`. Labels have few values. */

import type { Sql } from '@microshop/database/sql';
import { attributes, type EventType, eventRoutes } from '@microshop/topology';
import { type Attributes, type BatchObservableCallback, metrics } from '@opentelemetry/api';
import { outboxState } from './outbox.ts';

const meter = metrics.getMeter('@microshop/events');

const depth = meter.createObservableGauge('shop.outbox.depth', {
  unit: '{event}',
  description: 'Events that wait in the outbox.',
});
const oldestAge = meter.createObservableGauge('shop.outbox.oldest.age', {
  unit: 's',
  description: 'Age of the oldest event that waits in the outbox; 0 when none does.',
});
const setAside = meter.createObservableGauge('shop.outbox.set_aside', {
  unit: '{event}',
  description: 'Events that can never be published and are kept for a person.',
});

const relayed = meter.createCounter('shop.relay.events', {
  unit: '{event}',
  description: 'Attempts to publish an event, by outcome.',
});

const consumed = meter.createCounter('shop.consumer.messages', {
  unit: '{message}',
  description: 'Messages taken from a queue, by outcome.',
});
/** Bounds in seconds: from an idle mesh (some 10 ms) to an outage of minutes. */
const lag = meter.createHistogram('shop.consumer.lag', {
  unit: 's',
  description: 'Time from the event in its outbox to its effect.',
  advice: { explicitBucketBoundaries: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] },
});
const batchSize = meter.createHistogram('shop.consumer.batch.size', {
  unit: '{message}',
  description: 'Messages that took effect in one transaction.',
  advice: { explicitBucketBoundaries: [1, 2, 5, 10, 20, 50, 100] },
});

/**
 * Reports the state of an outbox at each export, and nothing while its database is unavailable. Returns a function that
 * stops the reports.
 */
export function observeOutbox(sql: Sql): () => void {
  const observe: BatchObservableCallback = async (result) => {
    const state = await outboxState(sql).catch(() => undefined);
    if (state === undefined) return;
    result.observe(depth, state.waiting);
    result.observe(oldestAge, state.oldestAgeSeconds);
    result.observe(setAside, state.setAside);
  };
  const instruments = [depth, oldestAge, setAside];
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}

const relayOutcomes = ['published', 'waiting', 'set_aside'] as const;

/** What became of an attempt to publish. */
export type RelayOutcome = (typeof relayOutcomes)[number];

/** Lets the counters of a relay begin at zero: one that begins with its first failure hides it from every rate. */
export function beginRelayed(): void {
  for (const outcome of relayOutcomes) relayed.add(0, { [attributes.outcome]: outcome });
}

/** Counts attempts of a relay. */
export function countRelayed(outcome: RelayOutcome, count: number): void {
  if (count > 0) relayed.add(count, { [attributes.outcome]: outcome });
}

const consumerOutcomes = ['done', 'duplicate', 'dead_lettered', 'put_back', 'abandoned'] as const;

/** What became of a message: effect made, made before, given up, put at the end of its queue, or left for another delivery. */
export type ConsumerOutcome = (typeof consumerOutcomes)[number];

/** Labels of what a consumer does with messages; without a type when they have none that is known. */
function consumerLabels(queue: string, type: EventType | undefined): Attributes {
  return {
    'messaging.destination.subscription.name': queue,
    [attributes.eventType]: type ?? 'unknown',
  };
}

/** Lets the counters of a consumer begin at zero, for every type of event that is sent to its queue. */
export function beginConsumed(queue: string): void {
  const types = eventRoutes.filter((route) => route.queue === queue).map(({ type }) => type);
  for (const type of [...types, undefined]) {
    for (const outcome of consumerOutcomes) {
      consumed.add(0, { ...consumerLabels(queue, type), [attributes.outcome]: outcome });
    }
  }
}

/** Counts a message of a queue; with its age in seconds when it took effect. */
export function countConsumed(
  queue: string,
  type: EventType | undefined,
  outcome: ConsumerOutcome,
  ageSeconds?: number,
): void {
  const labels = consumerLabels(queue, type);
  consumed.add(1, { ...labels, [attributes.outcome]: outcome });
  if (outcome === 'done' && ageSeconds !== undefined) lag.record(ageSeconds, labels);
}

/** Records how many messages took effect together. */
export function recordBatch(queue: string, size: number): void {
  batchSize.record(size, { 'messaging.destination.subscription.name': queue });
}
