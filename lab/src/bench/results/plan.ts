/** Which pairs are measured, in which order, and which of them are still to be measured. */
import type { Pair } from './schemas.ts';

/** One pair of the plan. */
export interface PlannedPair {
  /** From 0. */
  readonly index: number;
  /** The sides in the order in which they run: A B, B A, A B, …, so that a drift falls on both alike. */
  readonly order: readonly [0, 1] | readonly [1, 0];
}

/** The plan of so many pairs. */
export function planOf(pairs: number): PlannedPair[] {
  return Array.from({ length: pairs }, (_, index) => ({ index, order: index % 2 === 0 ? [0, 1] : [1, 0] }));
}

/** What is left of the plan: pairs that were not measured, or that prove nothing. */
export function leftOf(plan: readonly PlannedPair[], kept: readonly Pair[]): PlannedPair[] {
  const valid = new Set(kept.filter(({ invalid }) => invalid.length === 0).map(({ index }) => index));
  return plan.filter(({ index }) => !valid.has(index));
}
