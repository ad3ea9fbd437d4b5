/** What a group of checks came to. */

/** Counts of one group. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One check that passed or failed as a whole. */
export function single(passed: boolean): Totals {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
}

/** Counts added up. */
export function sum(all: readonly Totals[]): Totals {
  return {
    passed: all.reduce((count, one) => count + one.passed, 0),
    failed: all.reduce((count, one) => count + one.failed, 0),
    skipped: all.reduce((count, one) => count + one.skipped, 0),
  };
}

/** A group that could not run here: it counts as skipped, and says why. */
export function skipped(why: string): Totals {
  process.stdout.write(`skipped: ${why}\n`);
  return { passed: 0, failed: 0, skipped: 1 };
}
