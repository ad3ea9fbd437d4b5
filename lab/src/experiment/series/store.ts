/** What is kept of a series after each run, so that one that was interrupted can go on. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CommandFailed, UsageError } from '@microshop/cli/output/errors';
import { hasCode } from '@microshop/program-kit/errors';
import { putJson } from '@microshop/program-kit/json-file';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { environmentSchema } from '../../bench/results/schemas.ts';
import { planSchema } from './plan.ts';

const closed = { additionalProperties: false } as const;

const outcomeSchema = Type.Object(
  {
    name: Type.String(),
    mutant: Type.Boolean(),
    round: Type.Integer({ minimum: 1 }),
    verdict: Type.Enum(['PASS', 'FAIL', 'INVALID']),
    reasons: Type.Array(Type.String()),
    /** Values of the figures that its limits name. */
    figures: Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()])),
    /** Its `report.json`; `null` when the run broke before there was one. */
    file: Type.Union([Type.String(), Type.Null()]),
    /** How often it was run: again after a run that proved nothing. */
    runs: Type.Integer({ minimum: 1 }),
  },
  closed,
);

/** What came of one run of a series. */
export type Outcome = Static<typeof outcomeSchema>;

const seriesSchema = Type.Object(
  {
    plan: planSchema,
    environment: environmentSchema,
    outcomes: Type.Array(outcomeSchema),
  },
  closed,
);

/** A series as it is kept. */
export type Series = Static<typeof seriesSchema>;

/** The file in the directory of reports: that of the last series. */
export function seriesFile(reports: string): string {
  return path.join(reports, 'series.json');
}

/** The last series. Throws `UsageError` when there is none, `CommandFailed` for a file of another form. */
export async function readSeries(reports: string): Promise<Series> {
  const file = seriesFile(reports);
  try {
    return Value.Parse(seriesSchema, JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      throw new UsageError('There is no series to continue; ./mesh experiment run --all begins one');
    }
    throw new CommandFailed(`${file} is not a series of this version; run --all begins another`, {
      cause: error,
    });
  }
}

/** Throws `UsageError` when the series was begun on another machine or commit: its table would mix two. */
export function refuseMixing({ environment }: Series, now: Series['environment']): void {
  if (isDeepStrictEqual(environment, now)) return;
  throw new UsageError(
    `The series was begun with other code or another machine (commit ${environment.commit.slice(0, 7)}); run --all begins another`,
  );
}

/** Writes it. */
export async function keepSeries(reports: string, series: Series): Promise<void> {
  await putJson(seriesFile(reports), series);
}
