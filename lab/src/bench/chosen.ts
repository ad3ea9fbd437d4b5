/** What is measured: comparisons of two sides, and sets of figures of one mesh. */
import { UsageError } from '@microshop/cli/output/errors';
import { type Comparison, comparisons, isOpen } from './comparisons.ts';
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

/** Options that say how pairs are measured. */
const ofPairs = ['--pairs', '--duration', '--warm-up'];

/** Throws `UsageError` when one of the options that were typed would change nothing of what was picked. */
export function refuseIdle(
  typed: readonly (string | undefined)[],
  { comparisons: compared, sets }: Chosen,
): void {
  const idle = ofPairs.find((option) => typed.includes(option));
  if (compared.length === 0 && idle !== undefined) {
    throw new UsageError(
      `${idle} is for comparisons; ${sets.map(({ name }) => name).join(', ')} have a fixed length: leave it out`,
    );
  }
  if (typed.includes('--rate') && !compared.some(isOpen)) {
    const open = comparisons.filter(isOpen).map(({ name }) => name);
    throw new UsageError(`--rate is for an open load, such as that of ${open.join(', ')}; leave it out`);
  }
}
