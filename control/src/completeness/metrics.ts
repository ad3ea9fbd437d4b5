/** The figure as metrics. */
import { attributes } from '@microshop/topology';
import { type BatchObservableCallback, metrics } from '@opentelemetry/api';
import type { Figure } from './figure.ts';
import { brokenTree } from './outcome.ts';

/** Reports the figure at each export; returns how to end that. */
export function observeCompleteness(figure: () => Figure): () => void {
  const meter = metrics.getMeter('@microshop/control');
  const ratio = meter.createObservableGauge('shop.trace.completeness', {
    unit: '1',
    description:
      'Share of the provable orders of the last minutes whose trace is whole; absent while it is unknown.',
  });
  const share = meter.createObservableGauge('shop.trace.judged', {
    unit: '1',
    description: 'Share of the orders of the last minutes that was chosen by trace id to be judged.',
  });
  const orders = meter.createObservableGauge('shop.trace.orders', {
    unit: '{order}',
    description: 'Chosen orders of the last minutes by what their traces prove.',
  });
  const missing = meter.createObservableGauge('shop.trace.missing', {
    unit: '{order}',
    description: 'Chosen orders of the last minutes whose trace lacks that hop.',
  });
  const instruments = [ratio, share, orders, missing];
  const observe: BatchObservableCallback = (result) => {
    const now = figure();
    if (now.ratio !== null) result.observe(ratio, now.ratio);
    if (now.share !== null) result.observe(share, now.share);
    for (const [outcome, count] of Object.entries(now.orders)) {
      result.observe(orders, count, { [attributes.outcome]: outcome });
    }
    // one hop is always reported: nothing missing is a zero, not a metric that is absent
    const lacking = new Map([[brokenTree, 0], ...now.missing.map((one) => [one.hop, one.orders] as const)]);
    for (const [hop, count] of lacking) result.observe(missing, count, { [attributes.hop]: hop });
  };
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}
