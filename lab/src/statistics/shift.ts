/** How large a difference is: the Hodges–Lehmann estimate with its exact interval, which the signed-rank test gives. */
import { spread } from './spread.ts';

/** An estimate with the interval that holds the true value in at least the share `coverage` of all cases. */
export interface Shift {
  readonly estimate: number;
  /** Minus infinity where there are too few pairs for an interval of that coverage. */
  readonly least: number;
  readonly most: number;
  /** Exact, and never below what was asked for, unless the interval is infinite: then 1. */
  readonly coverage: number;
}

/** The median of all Walsh averages, with an interval of that coverage at least. Throws without any difference. */
export function shiftOf(differences: readonly number[], coverage = 0.95): Shift {
  const averages = differences
    .flatMap((one, index) => differences.slice(index).map((other) => (one + other) / 2))
    .sort((one, other) => one - other);
  const critical = signedRankCritical(differences.length, 1 - coverage);
  const { median } = spread(averages);
  if (critical === undefined) {
    return { estimate: median, least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY, coverage: 1 };
  }
  return {
    estimate: median,
    least: averages[critical.rank] ?? Number.NEGATIVE_INFINITY,
    most: averages[averages.length - 1 - critical.rank] ?? Number.POSITIVE_INFINITY,
    coverage: 1 - critical.alpha,
  };
}

/**
 * Largest sum of ranks of the rarer sign whose two-sided probability is at most `alpha`, with that probability; `undefined`
 * where even 0 is more probable.
 */
export function signedRankCritical(
  pairs: number,
  alpha: number,
): { readonly rank: number; readonly alpha: number } | undefined {
  const ways = signedRankWays(pairs);
  let below = 0;
  let found: { rank: number; alpha: number } | undefined;
  for (const [rank, count] of ways.entries()) {
    below += count;
    const p = (2 * below) / 2 ** pairs;
    if (p > alpha) break;
    found = { rank, alpha: p };
  }
  return found;
}

/** In how many of the 2ⁿ ways the ranks with a positive sign add up to 0, 1, 2, … */
function signedRankWays(pairs: number): readonly number[] {
  let ways = [1];
  for (let rank = 1; rank <= pairs; rank += 1) {
    const without = ways;
    ways = Array.from(
      { length: without.length + rank },
      (_, sum) => (without[sum] ?? 0) + (without[sum - rank] ?? 0),
    );
  }
  return ways;
}
