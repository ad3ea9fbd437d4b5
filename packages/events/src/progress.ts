/** Whether a consumer is connected and makes progress, for readiness and for metrics. */
import { consumerStalledSeconds } from '@microshop/topology';
import { type BatchObservableCallback, metrics } from '@opentelemetry/api';

const meter = metrics.getMeter('@microshop/events');

const activeGauge = meter.createObservableGauge('shop.consumer.active', {
  unit: '{consumer}',
  description: 'Consumers of a queue that the broker delivers to: 1, or 0 when it is missing.',
});
const heldGauge = meter.createObservableGauge('shop.consumer.held', {
  unit: '{message}',
  description: 'Messages that were delivered and are not settled.',
});
const stalledGauge = meter.createObservableGauge('shop.consumer.stalled.time', {
  unit: 's',
  description: 'Time since a message was settled while others are held; 0 when none is held.',
});

/** How a consumer is. */
export interface ConsumerState {
  /** Whether the broker delivers to it. */
  readonly consuming: boolean;
  /** Messages delivered and not settled. */
  readonly held: number;
  /** Time since one was settled while others are held, seconds; 0 when none is held. */
  readonly stalledSeconds: number;
}

/** Keeps what is needed for the report. */
export interface Progress {
  consuming: boolean;
  /** A message has come. */
  took(): void;
  /** That many messages are no longer held; `settled` says that this was progress. */
  gave(count: number, settled: boolean): void;
  state(): ConsumerState;
  /** Whether it consumes, and is not stalled. */
  well(): boolean;
  /** Ends the metrics. */
  close(): void;
}

/** Progress of the consumer of a queue; `now` in milliseconds. */
export function createProgress(queue: string, now = () => performance.now()): Progress {
  let held = 0;
  /** Of the last settled message, or of the first held after there was none. */
  let movedAt = now();

  const state = (): ConsumerState => ({
    consuming: progress.consuming,
    held,
    stalledSeconds: held === 0 ? 0 : (now() - movedAt) / 1000,
  });
  const progress: Progress = {
    consuming: false,
    took() {
      if (held === 0) movedAt = now();
      held += 1;
    },
    gave(count, settled) {
      held -= count;
      if (settled) movedAt = now();
    },
    state,
    well: () => progress.consuming && state().stalledSeconds < consumerStalledSeconds,
    close: observeConsumer(queue, state),
  };
  return progress;
}

/** Reports the state of a consumer at each export; returns how to end that. */
function observeConsumer(queue: string, stateOf: () => ConsumerState): () => void {
  const labels = { 'messaging.destination.subscription.name': queue };
  const observe: BatchObservableCallback = (result) => {
    const state = stateOf();
    result.observe(activeGauge, state.consuming ? 1 : 0, labels);
    result.observe(heldGauge, state.held, labels);
    result.observe(stalledGauge, state.stalledSeconds, labels);
  };
  const instruments = [activeGauge, heldGauge, stalledGauge];
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}
