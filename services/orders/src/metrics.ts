/** Metrics of the shop's business: how many orders, how they end, and how long that takes. */
import { attributes } from '@microshop/topology';
import { metrics } from '@opentelemetry/api';
import { type EndStatus, endStatuses } from './domain/order.ts';

/** What is counted. */
export interface OrderMetrics {
  /** An order was written; a repeated key writes none. */
  placed(): void;
  /** An order ended, so many seconds after it was placed. */
  ended(status: EndStatus, seconds: number): void;
}

/**
 * Histogram bounds of the time to the end, seconds. While every part is up an order ends within some 10 ms; one that waits
 * for an unavailable part, within minutes.
 */
const completionBoundaries = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900,
];

/** Registers the metrics. */
export function createOrderMetrics(): OrderMetrics {
  const meter = metrics.getMeter('@microshop/orders');
  const placed = meter.createCounter('shop.orders.placed', {
    description: 'Orders accepted and written.',
    unit: '{order}',
  });
  const ended = meter.createCounter('shop.orders.ended', {
    description: 'Orders that came to an end, by status.',
    unit: '{order}',
  });
  const completion = meter.createHistogram('shop.order.completion.duration', {
    description: 'Time from placing an order to its end.',
    unit: 's',
    advice: { explicitBucketBoundaries: completionBoundaries },
  });
  const labels = (status: EndStatus) => ({ [attributes.orderStatus]: status });

  // a counter that begins with its first order hides it from every rate
  placed.add(0);
  for (const status of endStatuses) ended.add(0, labels(status));

  return {
    placed: () => placed.add(1),
    ended: (status, seconds) => {
      ended.add(1, labels(status));
      completion.record(seconds, labels(status));
    },
  };
}
