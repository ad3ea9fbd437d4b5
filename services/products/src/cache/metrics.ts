/** Whether the cache had what was asked of it. */
import { attributes } from '@microshop/topology';
import { metrics } from '@opentelemetry/api';

const lookups = metrics.getMeter('@microshop/products').createCounter('shop.cache.lookups', {
  unit: '{lookup}',
  description: 'Catalogue entries looked up in the cache, by whether they were there and in effect.',
});

/** Counts lookups; with Redis away every one is a miss. */
export function countLookups(found: number, missing: number): void {
  const labels = { 'shop.cache.item': 'entry' };
  if (found > 0) lookups.add(found, { ...labels, [attributes.outcome]: 'hit' });
  if (missing > 0) lookups.add(missing, { ...labels, [attributes.outcome]: 'miss' });
}
