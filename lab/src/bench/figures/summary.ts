/** What the measurements of a set come to. */
import { type Spread, spread } from '../../statistics/spread.ts';
import { leftOf, planOf } from '../results/plan.ts';
import type { KeptFigures, Measurement } from './schemas.ts';

/** A figure over all measurements. */
export interface FigureSummary {
  readonly name: string;
  readonly spread: Spread;
  /** What it is made of, the largest first: medians. Empty when it is not a sum. */
  readonly of: readonly (readonly [name: string, median: number])[];
}

/** Each figure, in the order in which they were measured. */
export function figuresOf(measurements: readonly Measurement[]): FigureSummary[] {
  const names = [...new Set(measurements.flatMap(({ figures }) => figures.map(({ name }) => name)))];
  return names.map((name) => {
    const found = measurements.flatMap(({ figures }) => figures.filter((one) => one.name === name));
    const parts = [...new Set(found.flatMap(({ of = {} }) => Object.keys(of)))];
    return {
      name,
      spread: spread(found.map(({ value }) => value)),
      of: parts
        .map((part) => [part, spread(found.map(({ of }) => of?.[part] ?? 0)).median] as const)
        .sort(([, one], [, other]) => other - one),
    };
  });
}

/** Whether each measurement of the set is there and proves something. */
export function areValid({ times, measurements }: KeptFigures): boolean {
  return leftOf(planOf(times), measurements).length === 0;
}
