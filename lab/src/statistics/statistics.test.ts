import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alpha, compareArms, type Figure, holm, leastBlocks } from './compare.ts';
import { type Random, randomisedBlocks, seeded } from './random.ts';
import { shiftOf, signedRankCritical } from './shift.ts';
import { leastP, signFlipP } from './sign-flip.ts';

test('Fisher’s count of Darwin’s maize: 863 of 32,768 ways reach the sum on one side', () => {
  // R. A. Fisher, The Design of Experiments (1935), §21: heights of 15 pairs, eighths of an inch
  const darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
  assert.equal(signFlipP(darwin), (2 * 863) / 32_768);
  assert.equal(signFlipP(darwin.map((one) => -one)), signFlipP(darwin));
  // differences that are no whole numbers come to the same ways
  assert.equal(signFlipP(darwin.map((one) => one / 70)), signFlipP(darwin));
});

test('equal arms have no difference, and one sign throughout is as rare as can be', () => {
  assert.equal(signFlipP([0, 0, 0, 0, 0, 0]), 1);
  assert.equal(signFlipP([]), 1);
  assert.equal(signFlipP([1, 2, 3, 4, 5, 6]), leastP(6));
  assert.throws(() => signFlipP(Array.from({ length: 21 }, () => 1)), /more than the 20/);
  for (const one of [Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => signFlipP([1, 2, one]), /no finite number/);
  }
});

test('the critical values of the signed-rank test are those of the published table', () => {
  // Wilcoxon & Wilcox (1964), two-sided, for 6 to 20 pairs
  const at5 = [0, 2, 3, 5, 8, 10, 13, 17, 21, 25, 29, 34, 40, 46, 52];
  const at1 = [undefined, undefined, 0, 1, 3, 5, 7, 9, 12, 15, 19, 23, 27, 32, 37];
  for (const [index, rank] of at5.entries()) {
    assert.equal(signedRankCritical(index + 6, 0.05)?.rank, rank, `${index + 6} pairs`);
    assert.equal(signedRankCritical(index + 6, 0.01)?.rank, at1[index], `${index + 6} pairs`);
  }
  assert.equal(signedRankCritical(5, 0.05), undefined);
});

test('estimate and interval are those that Hollander and Wolfe print for their example 3.1', () => {
  // Nonparametric Statistical Methods: depression of nine patients before and after
  const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
  const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
  const shift = shiftOf(after.map((value, index) => value - (before[index] ?? 0)));
  assert.equal(shift.estimate.toFixed(2), '-0.46');
  assert.equal(shift.least.toFixed(3), '-0.786');
  assert.equal(shift.most.toFixed(3), '-0.010');
  assert.equal(shift.coverage.toFixed(3), '0.961');
});

test('five pairs have no interval of 95 %', () => {
  const { estimate, least, most } = shiftOf([1, 2, 3, 4, 5]);
  assert.deepEqual([estimate, least, most], [3, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
});

test('Holm’s correction, by the example of his paper’s method', () => {
  const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(4)));
  assert.deepEqual(rounded(holm([0.01, 0.04, 0.03, 0.005])), [0.03, 0.06, 0.06, 0.02]);
  assert.deepEqual(holm([0.6, 0.7]), [1, 1]);
  assert.deepEqual(holm([]), []);
});

test('six blocks are the floor of one comparison, eight of four', () => {
  assert.deepEqual([1, 2, 4].map(leastBlocks), [6, 7, 8]);
  const figure = { better: 'higher', margin: 0.1 } as const;
  const five = [1, 2, 3, 4, 5];
  assert.throws(() => compareArms(five, [five], figure), /need 6 to 20 blocks, not 5/);
  assert.throws(() => compareArms([...five, 6], [five], figure), /Arm 2 has 5 values of 6/);
});

test('in each block every arm comes once, and the same seed gives the same order', () => {
  const arms = ['none', 'app', 'sidecar', 'both'];
  const blocks = randomisedBlocks(arms, 200, 7);
  for (const block of blocks) assert.deepEqual([...block].sort(), [...arms].sort());
  assert.deepEqual(randomisedBlocks(arms, 200, 7), blocks);
  assert.notDeepEqual(randomisedBlocks(arms, 200, 8), blocks);
  const first = blocks.filter(([one]) => one === 'none').length;
  assert.ok(first > 30 && first < 70, `${first} of 200 blocks begin with the first arm`);
});

const higher: Figure = { better: 'higher', margin: 1 };
const base = [10, 11, 12, 13, 14, 15, 16, 17];
const shifted = (...by: readonly number[]) => base.map((value, index) => value + (by[index] ?? 0));

test('each verdict, and each way a figure can be better', () => {
  const up = shifted(5, 6, 7, 5, 6, 7, 5, 6);
  const verdicts = (arm: readonly number[], figure: Figure) =>
    compareArms(base, [arm], figure).map(({ said }) => said.verdict);
  assert.deepEqual(verdicts(up, higher), ['better']);
  assert.deepEqual(verdicts(up, { ...higher, better: 'lower' }), ['worse']);
  const down = base.map((value, index) => 2 * value - (up[index] ?? 0));
  assert.deepEqual(verdicts(down, higher), ['worse']);
  assert.deepEqual(verdicts(base, higher), ['equivalent']);
  // there in every block, and too small to matter
  assert.deepEqual(verdicts(shifted(0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2), higher), ['equivalent']);
});

test('an undecided result says how many more blocks: the more the wider it spreads', () => {
  const more = (by: readonly number[]) => {
    const [said] = compareArms(base, [shifted(...by)], higher).map((one) => one.said);
    assert.ok(said?.verdict === 'cannot tell');
    return said.moreBlocks;
  };
  const narrow = more([2, -1, 2, -1, 2, 2, -1, 2]);
  const wide = more([20, -19, 20, -19, 20, 20, -19, 20]);
  assert.ok(narrow >= 1 && wide > narrow, `${narrow}, ${wide}`);
});

/** A value of the normal distribution (Box–Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * Share of 1,000 simulated comparisons in which an arm is called better or worse. Each block has a drift of its own, three
 * times as large as the spread within it.
 */
function called(others: number, blocks: number, effect: number, seed: number): number {
  const random = seeded(seed);
  let count = 0;
  for (let run = 0; run < 1000; run += 1) {
    const drift = Array.from({ length: blocks }, () => 3 * normal(random));
    const arm = (by: number) => drift.map((of) => of + by + normal(random) / Math.SQRT2);
    const first = arm(0);
    const rest = Array.from({ length: others }, (_, index) => arm(index === 0 ? effect : 0));
    // a margin no interval fits into: every arm is tested
    const found = compareArms(first, rest, { better: 'higher', margin: 1e-9 });
    const told = effect === 0 ? found : found.slice(0, 1);
    if (told.some(({ said }) => said.verdict === 'better' || said.verdict === 'worse')) count += 1;
  }
  return count / 1000;
}

test('equal arms are called different in at most 5 of 100 comparisons', () => {
  for (const [others, blocks] of [
    [1, 6],
    [1, 12],
    [4, 8],
  ] as const) {
    const share = called(others, blocks, 0, 11);
    assert.ok(share <= alpha, `${others} arms, ${blocks} blocks: ${share}`);
  }
});

test('an effect of the stated size is found in at least 80 of 100 comparisons', () => {
  // in standard deviations of the difference within a block
  for (const [others, blocks, effect] of [
    [1, 8, 1.4],
    [1, 12, 1],
    [4, 8, 2.2],
  ] as const) {
    const share = called(others, blocks, effect, 12);
    assert.ok(share >= 0.8, `${others} arms, ${blocks} blocks, effect ${effect}: ${share}`);
  }
});
