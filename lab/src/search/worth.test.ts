import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { UsageError } from '@microshop/cli/output/errors';
import { planted } from './planted.ts';
import type { SearchReport } from './report.ts';
import type { Schedule } from './schedule.ts';
import { leftOf, measure, outcomeOf, readWorth, type WorthOutcome, worthLines } from './worth.ts';

const kill = { at_ms: 0, kind: 'kill', part: 'orders' } as const;
const schedule: Schedule = { load: { rate: 10, seconds: 2 }, seed: 7, faults: [kill] };
const report: Pick<SearchReport, 'plan' | 'counts' | 'found' | 'verdict'> = {
  verdict: 'FAIL',
  plan: { seed: 7, rate: 10, for_ms: 600_000, shrink_ms: 600_000, repeat: 3 },
  counts: { tried: 4, counted: 4, faults: 8, landed: 8, checked: 30 },
  found: {
    after_ms: 65_400,
    first: { ...schedule, faults: [kill, kill, kill] },
    smallest: schedule,
    claim: { breaks: 2, runs: 2 },
    broken: ['I4'],
    reasons: ['I4 is broken'],
    left_off: null,
  },
};
const found = (bug: string) => outcomeOf(bug, report, 4, 'report.json');
const missed = (bug: string) => outcomeOf(bug, { ...report, verdict: 'PASS', found: null }, 0, 'report.json');
const nothing = (bug: string) =>
  outcomeOf(bug, { ...report, verdict: 'INVALID', found: null }, 0, 'report.json');

async function directory(t: { after(work: () => Promise<void>): void }): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'mesh-worth-'));
  t.after(() => rm(made, { recursive: true }));
  return made;
}

test('every bug is searched for once; what is interrupted goes on where it ended', async (t) => {
  const reports = await directory(t);
  const names = planted.map(({ name }) => name);
  const asked: string[] = [];
  const upTo =
    (most: number) =>
    async (bug: string): Promise<WorthOutcome | undefined> => {
      if (asked.length === most) return undefined;
      asked.push(bug);
      return found(bug);
    };
  const first = await measure({ commit: 'abc', outcomes: [] }, reports, upTo(3));
  assert.deepEqual([asked, leftOf(first)], [names.slice(0, 3), names.slice(3)]);
  const begun = await readWorth(reports, 'abc');
  assert.deepEqual(begun, first);
  assert.deepEqual(leftOf(await measure(begun, reports, upTo(names.length))), []);
  assert.deepEqual(asked, names);
});

test('a search that proved nothing has not missed its bug: it is left, and the others are searched for', async (t) => {
  const reports = await directory(t);
  const [one, ...others] = planted.map(({ name }) => name);
  const worth = await measure({ commit: 'abc', outcomes: [] }, reports, async (bug) =>
    bug === one ? nothing(bug) : missed(bug),
  );
  assert.deepEqual([leftOf(worth), worth.outcomes.map(({ bug }) => bug)], [[one], others]);
});

test('what there is not, or is of another commit, is not gone on with', async (t) => {
  const reports = await directory(t);
  await assert.rejects(readWorth(reports, 'abc'), UsageError);
  await measure({ commit: 'abc', outcomes: [] }, reports, async (bug) => missed(bug));
  await assert.rejects(
    readWorth(reports, 'def'),
    /^UsageError: .* is from commit abc; leave out --continue$/,
  );
});

test('the table has what was found after which time, made how small and shown again how often, and what is left', () => {
  const [one = '', other = ''] = planted.map(({ name }) => name);
  const outcomes = [found(one), missed(other)].flatMap((outcome) => outcome ?? []);
  const text = worthLines({ commit: 'abc', outcomes }, 'worth.json').join('\n');
  assert.match(text, new RegExp(`^${one} +7 +4 +1m5s +I4 +1 of 3 +4 of 5$`, 'm'));
  assert.match(text, new RegExp(`^${other} +7 +4 +not found +– +– +–$`, 'm'));
  assert.match(text, /^found +1 of 2$/m);
  assert.match(text, /--planted all --continue$/m);
});
