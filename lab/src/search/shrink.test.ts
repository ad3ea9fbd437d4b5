import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimOf, isMost, type OneRun, shrink } from './shrink.ts';

const never = () => false;
/** Gives the runs one after the other. */
const runsOf = (...came: OneRun[]) => {
  const left = [...came];
  return async () => left.shift() ?? assert.fail('it was run once more');
};

test('a claim is settled as soon as most runs broke, or most can no longer', async () => {
  for (const [runs, repeat, claim] of [
    [['broken', 'broken'], 3, { breaks: 2, runs: 2 }],
    [['held', 'held'], 3, { breaks: 0, runs: 2 }],
    [['held', 'broken', 'broken'], 3, { breaks: 2, runs: 3 }],
    [['broken', 'held', 'held'], 3, { breaks: 1, runs: 3 }],
    [['broken'], 1, { breaks: 1, runs: 1 }],
    [['held'], 2, { breaks: 0, runs: 1 }],
  ] as const) {
    assert.deepEqual(await claimOf(runsOf(...runs), repeat, never), claim);
  }
});

test('runs that count as nothing are made again, and not for ever', async () => {
  assert.deepEqual(await claimOf(runsOf('nothing', 'held', 'nothing', 'held'), 3, never), {
    breaks: 0,
    runs: 2,
  });
  const nothing = Array.from({ length: 6 }, () => 'nothing' as const);
  const claim = await claimOf(runsOf(...nothing), 3, never);
  assert.deepEqual(claim, { breaks: 0, runs: 0 });
  assert.equal(isMost(claim, 3), false);
});

test('what breaks in fewer than most runs is no smaller one', async () => {
  const asked: number[] = [];
  const { smallest } = await shrink(
    8,
    { breaks: 2, runs: 2 },
    {
      smaller: (than) => [than / 2, than - 1],
      keyOf: String,
      async claim(one) {
        asked.push(one);
        return { breaks: one >= 5 ? 2 : 1, runs: 3 };
      },
      repeat: 3,
      over: never,
    },
  );
  assert.equal(smallest, 5);
  assert.deepEqual(asked, [4, 7, 3.5, 6, 3, 5, 2.5]);
});
