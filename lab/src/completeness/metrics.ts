/** The figure as metrics. */
import { attributes } from '@microshop/topology';
import { type BatchObservableCallback, metrics } from '@opentelemetry/api';
import { hopNames } from '../trace/expected.ts';
import type { Figure } from './figure.ts';
import { brokenTree } from './outcome.ts';

/** Everything an incomplete trace can lack: each is told, 0 too, so that its first time shows in a graph. */
const hops = [...hopNames, brokenTree];

/** Reports the figure at each export; returns how to end that. */
export function observeCompleteness(figure: () => Figure): () => void {
  const meter = metrics.getMeter('@microshop/lab');
  const ratio = meter.createObservableGauge('shop.trace.completeness', {
    unit: '1',
    description: 'Share of the provable orders of the last minutes whose trace is whole.',
  });
  const orders = meter.createObservableGauge('shop.trace.orders', {
    unit: '{order}',
    description: 'Orders of the last minutes by what their traces prove.',
  });
  const missing = meter.createObservableGauge('shop.trace.missing', {
    unit: '{order}',
    description: 'Orders of the last minutes whose trace lacks that hop.',
  });
  const instruments = [ratio, orders, missing];
  const observe: BatchObservableCallback = (result) => {
    const now = figure();
    if (now.ratio !== null) result.observe(ratio, now.ratio);
    for (const [outcome, count] of Object.entries(now.orders)) {
      result.observe(orders, count, { [attributes.outcome]: outcome });
    }
    const lacking = new Map(now.missing.map(({ hop, orders: count }) => [hop, count]));
    for (const hop of hops) result.observe(missing, lacking.get(hop) ?? 0, { [attributes.hop]: hop });
  };
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}
