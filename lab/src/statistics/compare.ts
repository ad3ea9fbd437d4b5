/**
 * Whether arms differ from the first one in a figure: better, worse, equivalent, or undecided.
 *
 * The number of blocks is fixed beforehand. Each arm is paired with the first one within its block; the exact sign-flip
 * test says whether they differ, with Holm's correction over all arms, so that in at most 5 of 100 comparisons of equal
 * arms any is called better or worse. The Hodges–Lehmann interval says whether the difference is small enough not to
 * matter: within the margin.
 */
import { type Shift, shiftOf } from './shift.ts';
import { leastP, mostPairs, signFlipP } from './sign-flip.ts';

/** How often equal arms may be called different. */
export const alpha = 0.05;

/** A figure by which arms are compared. */
export interface Figure {
  /** Which way is better. */
  readonly better: 'higher' | 'lower';
  /** Difference that matters to nobody, in the figure's unit, over 0. */
  readonly margin: number;
}

/** What is said of an arm. */
export type ArmVerdict =
  | { readonly verdict: 'better' | 'worse' | 'equivalent' }
  /** `moreBlocks`: about how many further ones would be needed, were the spread to stay as it is. */
  | { readonly verdict: 'cannot tell'; readonly moreBlocks: number };

/** An arm against the first one. */
export interface Comparison {
  /** Arm minus first arm, in the figure's unit. */
  readonly shift: Shift;
  /** Corrected for the number of arms. */
  readonly p: number;
  readonly said: ArmVerdict;
}

/** Fewest blocks with which so many arms beside the first can be distinguished from it at all: 6 for one, 8 for four. */
export function leastBlocks(others: number): number {
  let blocks = 1;
  while (leastP(blocks) > alpha / others) blocks += 1;
  return blocks;
}

/**
 * Compares arms with the first one. `first` holds its value in each block, `others` those of every other arm in the same
 * blocks. Throws when there are fewer blocks than {@link leastBlocks}, more than can be counted out, or values are missing.
 */
export function compareArms(
  first: readonly number[],
  others: readonly (readonly number[])[],
  figure: Figure,
): Comparison[] {
  const blocks = first.length;
  const least = leastBlocks(others.length);
  if (blocks < least || blocks > mostPairs) {
    throw new Error(
      `${others.length} arms beside the first need ${least} to ${mostPairs} blocks, not ${blocks}`,
    );
  }
  const differences = others.map((arm, index) => {
    if (arm.length !== blocks) throw new Error(`Arm ${index + 2} has ${arm.length} values of ${blocks}`);
    return arm.map((value, block) => value - (first[block] ?? 0));
  });
  const corrected = holm(differences.map(signFlipP));
  return differences.map((of, index) => {
    const p = corrected[index] ?? 1;
    const shift = shiftOf(of);
    return { shift, p, said: verdictOn(shift, p, figure, blocks, least) };
  });
}

/** Holm's correction: the smallest of m probabilities times m, the next one times m − 1, …, never falling. */
export function holm(probabilities: readonly number[]): number[] {
  const order = probabilities.map((p, index) => ({ p, index })).sort((one, other) => one.p - other.p);
  const corrected = probabilities.map(() => 1);
  let so = 0;
  for (const [rank, { p, index }] of order.entries()) {
    so = Math.max(so, Math.min(1, p * (probabilities.length - rank)));
    corrected[index] = so;
  }
  return corrected;
}

function verdictOn(
  { estimate, least, most }: Shift,
  p: number,
  { better, margin }: Figure,
  blocks: number,
  fewest: number,
): ArmVerdict {
  // a difference below the margin counts as none
  if (least > -margin && most < margin) return { verdict: 'equivalent' };
  if (p <= alpha) return { verdict: estimate > 0 === (better === 'higher') ? 'better' : 'worse' };
  // an interval narrows with the root of the blocks; it is narrow enough when it leaves out 0, or stays in the margin
  const half = Math.max(most - estimate, estimate - least);
  const wanted = Math.max(Math.abs(estimate), margin - Math.abs(estimate));
  const needed = Number.isFinite(half) ? Math.ceil(blocks * (half / wanted) ** 2) : fewest + 1;
  return { verdict: 'cannot tell', moreBlocks: Math.max(1, needed - blocks) };
}
