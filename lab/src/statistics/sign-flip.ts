/**
 * The exact sign-flip test of paired differences (Fisher's, 1935): were both arms the same, each difference could as well
 * have had the other sign. All 2ⁿ ways are counted, so nothing is assumed of how the differences are distributed.
 */

/** Most pairs that are counted out: 2²⁰ ways take some milliseconds. */
export const mostPairs = 20;

/** Sums that differ by less than this share of the largest possible one are equal: the rest is rounding. */
const sameShare = 1e-9;

/**
 * Two-sided probability of a sum at least as far from zero as that of `differences`, were the arms the same. 1 without any
 * difference. Throws for more than {@link mostPairs}, and for a difference that is no finite number.
 */
export function signFlipP(differences: readonly number[]): number {
  const n = differences.length;
  if (n > mostPairs) throw new Error(`${n} pairs are more than the ${mostPairs} that are counted out`);
  // of such a sum no way would be as far, and chance would explain nothing
  if (!differences.every(Number.isFinite)) throw new Error('A difference is no finite number');
  const sum = differences.reduce((total, one) => total + one, 0);
  const farthest = differences.reduce((total, one) => total + Math.abs(one), 0);
  const observed = Math.abs(sum) - farthest * sameShare;
  let asFar = 0;
  // Gray code: from one way to the next a single sign flips
  const signs = differences.map(() => 1);
  let current = sum;
  for (let way = 1; ; way += 1) {
    if (Math.abs(current) >= observed) asFar += 1;
    if (way === 2 ** n) return asFar / way;
    const flipped = 31 - Math.clz32(way & -way);
    const sign = signs[flipped] ?? 1;
    signs[flipped] = -sign;
    current -= 2 * sign * (differences[flipped] ?? 0);
  }
}

/** The smallest probability that `pairs` pairs can come to: all differences have one sign. */
export function leastP(pairs: number): number {
  return 2 ** (1 - pairs);
}
