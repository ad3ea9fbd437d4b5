/** Which pairs are measured, in which order, and which of them are still to be measured. */

/** What was measured at a place in the plan, and why it proves nothing. */
interface Placed {
  readonly index: number;
  readonly invalid: readonly string[];
}

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

/** What is left of the plan: what was not measured, or proves nothing. */
export function leftOf(plan: readonly PlannedPair[], kept: readonly Placed[]): PlannedPair[] {
  const valid = new Set(kept.filter(({ invalid }) => invalid.length === 0).map(({ index }) => index));
  return plan.filter(({ index }) => !valid.has(index));
}
