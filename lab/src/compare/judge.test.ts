import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Values } from './figures.ts';
import { type ArmRun, judge, validBlocks } from './judge.ts';

const arms = ['today', 'mine'];

/** Eight blocks; in each the second arm serves fewer buyers, with fewer attempts. */
function eightBlocks(change: (run: ArmRun) => ArmRun = (run) => run): ArmRun[] {
  return Array.from({ length: 8 }, (_, index): ArmRun[] => {
    const block = index + 1;
    const noise = (index % 3) / 100;
    const values = (success: number, attempts: number): Values => ({
      success: success - noise,
      p50: 30 + index,
      p99: 100 + 40 * ((index * 5) % 7),
      amplification: attempts + noise,
      recovery: 0,
      'orders → products': attempts,
      'gateway → users': null,
    });
    return [
      { arm: 'today', block, values: values(0.97, 1.4), invalid: [] },
      { arm: 'mine', block, values: values(0.7, 1), invalid: [] },
    ];
  })
    .flat()
    .map(change);
}

const verdicts = (runs: readonly ArmRun[]) =>
  Object.fromEntries(
    judge(arms, runs, 'amplification').map(({ figure, arms: [, mine] }) => [
      figure.name,
      mine?.against?.said.verdict ?? 'unknown',
    ]),
  );

test('each figure has a verdict of its own, the primary one stands first, and a layer without calls is left out', () => {
  const results = judge(arms, eightBlocks(), 'amplification');
  assert.deepEqual(
    results.map(({ figure, primary }) => [figure.name, primary]),
    [
      ['amplification', true],
      ['success', false],
      ['p50', false],
      ['p99', false],
      ['recovery', false],
      ['orders → products', false],
    ],
  );
  assert.deepEqual(verdicts(eightBlocks()), {
    amplification: 'better',
    success: 'worse',
    p50: 'equivalent',
    p99: 'equivalent',
    recovery: 'equivalent',
    'orders → products': 'better',
  });
  const [amplification] = results;
  assert.equal(amplification?.arms[0]?.against, null, 'the first arm is what the others are compared with');
  assert.ok(Math.abs((amplification?.arms[1]?.against?.shift.estimate ?? 0) + 0.4) < 1e-9);
  assert.equal(amplification?.arms[1]?.against?.p, 2 / 2 ** 8);
});

test('a block in which one run does not count is left out as a whole', () => {
  const runs = eightBlocks((run) =>
    run.block === 3 && run.arm === 'mine' ? { ...run, invalid: ['k6 dropped 3 iterations'] } : run,
  );
  assert.deepEqual(validBlocks(arms, runs), [1, 2, 4, 5, 6, 7, 8]);
  assert.equal(verdicts(runs)['success'], 'worse');
});

test('a block that was not run to its end is left out', () => {
  assert.deepEqual(validBlocks(arms, eightBlocks().slice(0, 5)), [1, 2]);
});

test('too few valid blocks give no verdict, and the reason', () => {
  const runs = eightBlocks((run) => (run.block > 5 ? { ...run, invalid: ['no witness'] } : run));
  const [first] = judge(arms, runs, 'success');
  assert.equal(first?.unknown, '5 valid blocks are too few: 6 at least');
  assert.equal(first?.arms[1]?.against, null);
  assert.ok(
    Math.abs((first?.arms[1]?.spread?.median ?? 0) - 0.69) < 1e-9,
    'what was measured is shown all the same',
  );
});

test('a figure that one run lacks is not compared', () => {
  const runs = eightBlocks((run) =>
    run.block === 2 && run.arm === 'mine'
      ? { ...run, values: { ...run.values, 'orders → products': null } }
      : run,
  );
  const last = judge(arms, runs, 'success').at(-1);
  assert.equal(last?.unknown, 'not known in every block of mine');
});

test('without any run there is nothing to show', () => {
  assert.ok(judge(arms, [], 'success').every(({ arms: [one] }) => one?.spread === null));
});
