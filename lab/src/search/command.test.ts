import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '@microshop/cli/output/errors';
import { searchPlanOf } from './command.ts';
import { commandOf, searchCodes, searchLines, searchReport } from './report.ts';
import { scheduleFileOf } from './run-schedule.ts';
import type { Schedule } from './schedule.ts';
import type { Tried } from './search.ts';

const usual = { for: '10m', rate: '10', repeat: '3', shrinkFor: '10m' };

test('a search as it is typed, and the command that draws the same again', () => {
  const plan = searchPlanOf({ ...usual, seed: '7', for: '1m30s', planted: 'dedupe-off' });
  assert.deepEqual(plan, {
    seed: 7,
    rate: 10,
    for_ms: 90_000,
    shrink_ms: 600_000,
    repeat: 3,
    planted: 'dedupe-off',
  });
  assert.equal(
    commandOf(plan),
    './mesh experiment search --seed 7 --for 1m30s --rate 10 --repeat 3 --shrink-for 10m --planted dedupe-off',
  );
  assert.ok(Number.isInteger(searchPlanOf(usual).seed));
});

for (const [what, options, says] of [
  ['a time without its unit', { for: '10' }, /^--for needs a unit/],
  ['no time at all', { for: '0s' }, /^--for must be from 1ms to 24h/],
  ['a rate that is too high', { rate: '5000' }, /^--rate must be a whole number from 1 to 200/],
  ['no run', { repeat: '0' }, /^--repeat must be a whole number/],
  ['a seed that is none', { seed: 'x' }, /^--seed must be a whole number/],
  ['a bug that there is not', { planted: 'gremlin' }, /^There is no planted bug/],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => searchPlanOf({ ...usual, ...options }),
      (error) => error instanceof UsageError && says.test(error.message),
    );
  });
}

test('to go on is of measuring the planted bugs, and of nothing else', () => {
  assert.doesNotThrow(() => searchPlanOf({ ...usual, continue: true, planted: 'all' }));
  const others: readonly Parameters<typeof searchPlanOf>[0][] = [usual, { ...usual, planted: 'dedupe-off' }];
  for (const options of others) {
    assert.throws(
      () => searchPlanOf({ ...options, continue: true }),
      /^UsageError: --continue goes on with --planted all$/,
    );
  }
});

test('a name that ends as a file is a schedule, which is run alone', () => {
  assert.equal(scheduleFileOf(['abort-30'], {}), undefined);
  assert.equal(scheduleFileOf(['mine.json'], { json: true, withoutFault: true }), 'mine.json');
  for (const [names, options, says] of [
    [['mine.json', 'abort-30'], {}, /^Run mine\.json by itself/],
    [['mine.json'], { repeat: '3' }, /^--repeat does not go with a schedule/],
    [['mine.json'], { steady: '3s' }, /^--steady does not go with a schedule/],
    [['abort-30'], { planted: 'dedupe-off' }, /^--planted is for a schedule/],
  ] as const) {
    assert.throws(
      () => scheduleFileOf(names, options),
      (error) => error instanceof UsageError && says.test(error.message),
    );
  }
});

const schedule: Schedule = {
  load: { rate: 10, seconds: 3 },
  seed: 7,
  faults: [{ at_ms: 1000, for_ms: 2000, kind: 'pause', part: 'rabbitmq' }],
};
const held: Tried = {
  schedule,
  verdict: 'PASS',
  reasons: [],
  broken: [],
  faults: [{ landed: true, saw: 'rabbitmq (pid 7) was in state T' }],
  checked: ['I1', 'I4'],
};
const plan = searchPlanOf({ ...usual, seed: '7' });
const kept = { file: '.mesh/1/experiments/search-x/report.json', schedule: 'schedule.json' };
const lines = (report: ReturnType<typeof searchReport>) => searchLines(report, kept).join('\n');

test('nothing broken: PASS, exit code 0; when it was interrupted, or nothing counts: INVALID, 3', () => {
  const learnt = { tried: [held], found: null, ended_early: null };
  const passed = searchReport(plan, learnt, 'again');
  assert.deepEqual([passed.verdict, passed.reasons, searchCodes[passed.verdict]], ['PASS', [], 0]);
  assert.match(
    lines(passed),
    /^schedules +1 tried, 1 of them count\nfaults +1 of 1 landed\ninvariants +2 checked$/m,
  );
  const stopped = searchReport(plan, { ...learnt, ended_early: 'it was interrupted' }, 'again');
  assert.deepEqual([stopped.verdict, searchCodes[stopped.verdict]], ['INVALID', 3]);
  const nothing: Tried = { ...held, verdict: 'INVALID', reasons: ['the fault has no witness'] };
  const empty = searchReport(plan, { ...learnt, tried: [nothing] }, 'again');
  assert.deepEqual(empty.reasons, ['no schedule counts', 'the fault has no witness']);
});

test('what broke something too seldom to count is named, also when the search was interrupted', () => {
  const seldom: Tried = {
    ...held,
    verdict: 'INVALID',
    reasons: ['in 1 of 3 runs only: I5 is broken: p99 is 4200 ms'],
    unproven: { breaks: 1, runs: 3 },
  };
  const text = lines(
    searchReport(plan, { tried: [held, seldom], found: null, ended_early: 'it was interrupted' }, 'again'),
  );
  assert.match(text, /^unproven +schedule 2 in 1 of 3 runs only: I5 is broken: p99 is 4200 ms$/m);
  assert.equal(text.match(/^unproven/gm)?.length, 1);
});

test('something broken: FAIL, exit code 1, the smallest schedule with its claim and what runs it again', () => {
  const found = {
    after_ms: 65_000,
    first: { ...schedule, faults: [...schedule.faults, ...schedule.faults] },
    smallest: schedule,
    claim: { breaks: 2, runs: 3 },
    broken: ['I4'],
    reasons: ['I4 is broken (every order has ended): order 7'],
    left_off: null,
  };
  const report = searchReport(plan, { tried: [held], found, ended_early: null }, 'again');
  assert.deepEqual([report.verdict, searchCodes[report.verdict]], ['FAIL', 1]);
  const text = lines(report);
  assert.match(text, /^ {2}at 1s \.\/mesh fault process rabbitmq --pause --for 2s$/m);
  assert.match(text, /^found after 1m5s; broke in 2 of 3 runs; as it was drawn it has 2 faults in 3 s$/m);
  assert.match(text, /^again +\.\/mesh experiment run schedule\.json$/m);
  assert.match(text, /^verdict +FAIL\n +I4 is broken/m);
});
