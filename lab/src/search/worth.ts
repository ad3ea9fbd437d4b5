/** What the search is worth: it looks for every planted bug, and what it finds is run again. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { columns } from '@microshop/cli/output/columns';
import { CommandFailed, UsageError } from '@microshop/cli/output/errors';
import { durationText } from '@microshop/cli/output/values';
import { hasCode } from '@microshop/program-kit/errors';
import { putJson } from '@microshop/program-kit/json-file';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { planted } from './planted.ts';
import type { SearchReport } from './report.ts';

/** How often the smallest schedule that was found is run again. */
export const timesAgain = 5;

const count = Type.Integer({ minimum: 0 });

const outcomeSchema = Type.Object({
  bug: Type.String(),
  seed: count,
  schedules: count,
  /** `null` when it was not found. */
  found: Type.Union([
    Type.Object({
      after_ms: count,
      /** What it breaks. */
      broken: Type.Array(Type.String()),
      /** Faults as they were drawn, and those that are left. */
      drawn: count,
      faults: count,
      /** Of {@link timesAgain} runs. */
      shown: count,
    }),
    Type.Null(),
  ]),
  /** The report of the search. */
  file: Type.String(),
});

/** What came of the search for one bug. */
export type WorthOutcome = Static<typeof outcomeSchema>;

const worthSchema = Type.Object({ commit: Type.String(), outcomes: Type.Array(outcomeSchema) });

/** What came of all so far. */
export type Worth = Static<typeof worthSchema>;

/** The file in the directory of reports: what was measured last. */
export function worthFile(reports: string): string {
  return path.join(reports, 'worth.json');
}

/** What was measured last. Throws `UsageError` when there is nothing of this commit, `CommandFailed` for another form. */
export async function readWorth(reports: string, commit: string): Promise<Worth> {
  const file = worthFile(reports);
  try {
    const worth = Value.Parse(worthSchema, JSON.parse(await readFile(file, 'utf8')));
    if (worth.commit === commit) return worth;
    throw new UsageError(`${file} is from commit ${worth.commit.slice(0, 7)}; leave out --continue`);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (hasCode(error, 'ENOENT')) throw new UsageError('There is nothing to continue; leave out --continue');
    throw new CommandFailed(`${file} is not of this version; leave out --continue`, { cause: error });
  }
}

/** Names of the bugs that are not measured yet. */
export function leftOf({ outcomes }: Worth): string[] {
  return planted.map(({ name }) => name).filter((name) => !outcomes.some(({ bug }) => bug === name));
}

/** A search as an outcome; `shown` is how often its smallest schedule broke the same again. None of one that proved nothing. */
export function outcomeOf(
  bug: string,
  { plan, counts, found, verdict }: Pick<SearchReport, 'plan' | 'counts' | 'found' | 'verdict'>,
  shown: number,
  file: string,
): WorthOutcome | undefined {
  // a machine that was too busy for any run has not missed the bug
  if (verdict === 'INVALID') return undefined;
  return {
    bug,
    seed: plan.seed,
    schedules: counts.tried,
    found:
      found === null
        ? null
        : {
            after_ms: found.after_ms,
            broken: [...found.broken],
            drawn: found.first.faults.length,
            faults: found.smallest.faults.length,
            shown,
          },
    file,
  };
}

/** Measures what is left, one bug after the other, and keeps each outcome; a search that was interrupted, or proved nothing, has none. */
export async function measure(
  begun: Worth,
  reports: string,
  searchFor: (bug: string) => Promise<WorthOutcome | undefined>,
): Promise<Worth> {
  let worth = begun;
  for (const bug of leftOf(begun)) {
    const outcome = await searchFor(bug);
    if (outcome === undefined) continue;
    worth = { ...worth, outcomes: [...worth.outcomes, outcome] };
    await putJson(worthFile(reports), worth);
  }
  return worth;
}

/** As a table, with the bugs that were found and those that are left. */
export function worthLines(worth: Worth, file: string): string[] {
  const { outcomes } = worth;
  const left = leftOf(worth);
  const rows = outcomes.map(({ bug, seed, schedules, found }) => [
    bug,
    String(seed),
    String(schedules),
    ...(found === null
      ? ['not found', '–', '–', '–']
      : [
          durationText(1000 * Math.round(found.after_ms / 1000)),
          found.broken.join(', '),
          `${found.faults} of ${found.drawn}`,
          `${found.shown} of ${timesAgain}`,
        ]),
  ]);
  const found = outcomes.filter((one) => one.found !== null);
  return [
    ...columns(['bug', 'seed', 'schedules', 'found after', 'broken', 'faults left', 'shown again'], rows),
    '',
    `found       ${found.length} of ${outcomes.length}`,
    ...(left.length === 0
      ? []
      : [`left        ${left.join(', ')}: ./mesh experiment search --planted all --continue`]),
    `kept        ${file}`,
  ];
}
