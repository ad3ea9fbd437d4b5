/** Whether the cache had what was asked of it. */
import { attributes } from '@microshop/topology';
import { metrics } from '@opentelemetry/api';

const lookups = metrics.getMeter('@microshop/products').createCounter('shop.cache.lookups', {
  unit: '{lookup}',
  description: 'Catalogue entries looked up in the cache, by whether they were found and valid.',
});

const ofEntries = (outcome: 'hit' | 'miss') => ({
  'shop.cache.item': 'entry',
  [attributes.outcome]: outcome,
});

// a counter that begins with its first hit hides it from every rate
lookups.add(0, ofEntries('hit'));
lookups.add(0, ofEntries('miss'));

/** Counts lookups; while Redis is down every one is a miss. */
export function countLookups(found: number, missing: number): void {
  if (found > 0) lookups.add(found, ofEntries('hit'));
  if (missing > 0) lookups.add(missing, ofEntries('miss'));
}
