/** Runs a schedule once, as an experiment, without what only a measurement needs. */
import { copyFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { experimentFiles } from '@microshop/program-kit/run-directory';
import type { Laboratory } from '../experiment/course.ts';
import type { SpeedHands } from '../experiment/machine-speed.ts';
import type { Report } from '../experiment/report.ts';
import { runOnLease } from '../experiment/run.ts';
import { whatIsBroken } from '../experiment/verdict.ts';
import { experimentOf } from './as-experiment.ts';
import type { Schedule } from './schedule.ts';
import { breaks, type SearchHands, type Tried } from './search.ts';

/** The machine's speed plays no part: a search measures nothing. */
const noSpeed: SpeedHands = { slice: () => 1, pause: async () => undefined, meshCpus: async () => 0 };

/** Runs of schedules. */
interface Attempts {
  readonly run: SearchHands['run'];
  /** The page of the last run of that schedule that broke something. */
  pageOf(schedule: Schedule): string | undefined;
}

/**
 * Schedules are kept as `1.json`, `2.json`, … with what their runs have left, unless all held; beside them the page of the last run
 * that broke something. `planted` is the name of the bug that is in the code meanwhile.
 */
export function attempts(lab: Laboratory, directory: string, planted?: string): Attempts {
  const pages = new Map<string, string>();
  let number = 0;
  return {
    async run(schedule) {
      number += 1;
      const file = path.join(directory, `${number}.json`);
      await writeFile(file, `${JSON.stringify(schedule, null, 2)}\n`);
      const {
        report,
        file: kept,
        page,
      } = await runOnLease(experimentOf(schedule, path.relative('', file), planted), {
        ...lab,
        speed: noSpeed,
        reports: directory,
        onProgress: () => undefined,
      });
      if (report.verdict === 'PASS') {
        await rm(path.dirname(kept), { recursive: true });
        await rm(file);
      }
      const tried = triedOf(schedule, report);
      if (breaks(tried)) {
        await copyFile(page, path.join(directory, experimentFiles.page));
        pages.set(JSON.stringify(schedule), page);
      }
      return tried;
    },
    pageOf: (schedule) => pages.get(JSON.stringify(schedule)),
  };
}

/** What of a report the search goes by. */
export function triedOf(schedule: Schedule, report: Report): Tried {
  return {
    schedule,
    verdict: report.verdict,
    reasons: report.reasons,
    broken: whatIsBroken(report).map(({ what }) => what),
    faults: (report.witness.each ?? []).map(({ landed, saw }) => ({ landed, saw })),
    checked: checkedIn(report),
  };
}

/** Invariants that the run could have broken. */
function checkedIn({ audit, experiment, layers, traces, tries, p99_ms: p99 }: Report): string[] {
  return [
    ...audit.invariants.filter(({ verdict }) => verdict !== 'UNKNOWN').map(({ id }) => id),
    ...(p99 !== null && experiment.schedule?.in_time !== false ? ['I5'] : []),
    ...(layers.some(({ layer }) => tries[layer] !== undefined) ? ['I6'] : []),
    'I7',
    ...(traces.complete + traces.incomplete > 0 ? ['I8'] : []),
  ];
}
