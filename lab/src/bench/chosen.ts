/** What is measured: comparisons of two sides, and sets of figures of one mesh. */
import { UsageError } from '@microshop/cli/output/errors';
import { type Comparison, comparisons } from './comparisons.ts';
import type { FigureSet } from './figures/set.ts';
import { figureSets } from './figures/sets.ts';

/** What was picked of each kind. */
export interface Chosen {
  readonly comparisons: readonly Comparison[];
  readonly sets: readonly FigureSet[];
}

/** Those of these names, separated by commas, in the order in which they are measured; all without. Throws `UsageError` naming all there are. */
export function picked(only: string | undefined): Chosen {
  if (only === undefined) return { comparisons, sets: figureSets };
  const names = only.split(',').map((name) => name.trim());
  const all = [...comparisons, ...figureSets].map(({ name }) => name);
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`There is no comparison "${unknown}"; there are ${all.join(', ')}`);
  }
  return {
    comparisons: comparisons.filter(({ name }) => names.includes(name)),
    sets: figureSets.filter(({ name }) => names.includes(name)),
  };
}
