/** `./mesh experiment search`: draws schedules of faults until one breaks something, and makes that one small. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exitCodes, UsageError } from '@microshop/cli/output/errors';
import { print, printJson, progress } from '@microshop/cli/output/output';
import { durationText, positiveDurationMs, wholeNumber } from '@microshop/cli/output/values';
import { unwritable } from '@microshop/program-kit/errors';
import { experimentFiles, runStamp } from '@microshop/program-kit/run-directory';
import { helpHere, inContainers } from '@microshop/program-kit/typed-here';
import { type Command, Option } from 'commander';
import { readEnvironment } from '../bench/results/environment.ts';
import type { Laboratory } from '../experiment/course.ts';
import { inLaboratory, toVerdict } from '../experiment/hands.ts';
import { onPlainMesh } from '../experiment/plain-mesh.ts';
import { type EditedCode, endEdited, startEdited } from '../mutants/restarted.ts';
import { seedOf } from '../seed.ts';
import { attempts } from './attempt.ts';
import { drawn, groundOf } from './draw.ts';
import { everyPlanted, plantedNamed, plantedOption } from './planted.ts';
import { repair, repairing } from './repair.ts';
import { commandOf, type SearchReport, searchCodes, searchLines, searchReport } from './report.ts';
import { highestRate } from './schedule-file.ts';
import {
  breaks,
  type Found,
  type Learnt,
  type SearchHands,
  type SearchPlan,
  search,
  wantedOf,
} from './search.ts';
import { leftOf, measure, outcomeOf, readWorth, timesAgain, worthFile, worthLines } from './worth.ts';

/** Longest search, milliseconds: a day. */
const longestMs = 24 * 3_600_000;

/** No schedule takes less, milliseconds: so many are drawn as could be run. */
const shortestMs = 5000;

/** Highest number of runs of a smaller schedule. */
const mostRepeats = 20;

const usual = { for: '10m', rate: '10', repeat: '3', shrinkFor: '10m' } as const;

const help = `
Each schedule has up to four faults on the way of an order, which may overlap. It runs under load
until all are served again; then the mesh settles, and an audit and the traces show whether every
invariant holds. A schedule that breaks one is made smaller, in several runs each, and saved.

Exit code: 0 nothing was broken, 1 something was, 2 wrong usage, 3 the search proved nothing, or was
interrupted. The mesh is restored afterwards, also after Ctrl-C and kill -9.

Examples:
  ./mesh experiment search --for 10m
  ./mesh experiment search --seed 7 --for 1h --rate 20`;

interface Options {
  readonly seed?: string;
  readonly for: string;
  readonly rate: string;
  readonly repeat: string;
  readonly shrinkFor: string;
  readonly planted?: string;
  readonly continue?: boolean;
  readonly json?: boolean;
}

/** The search that was typed. Throws `UsageError`. */
export function searchPlanOf(options: Options): SearchPlan {
  const { planted } = options;
  if (options.continue === true && planted !== everyPlanted) {
    throw new UsageError(`--continue goes on with --planted ${everyPlanted}`);
  }
  return {
    seed: seedOf(options.seed),
    rate: wholeNumber('--rate', options.rate, 1, highestRate),
    for_ms: positiveDurationMs('--for', options.for, longestMs),
    shrink_ms: positiveDurationMs('--shrink-for', options.shrinkFor, longestMs),
    repeat: wholeNumber('--repeat', options.repeat, 1, mostRepeats),
    ...(planted === undefined || planted === everyPlanted ? {} : { planted: plantedNamed(planted).name }),
  };
}

/** Adds the subcommand. */
export function registerSearch(experiment: Command): void {
  experiment
    .command('search')
    .description('search for faults that break an invariant, and shrink what is found')
    .option('--seed <n>', 'seed by which schedules are drawn; printed when it is not given')
    .option('--for <duration>', 'how long to try schedules, like 10m', usual.for)
    .option('--rate <n>', 'buyers per second', usual.rate)
    .option('--repeat <n>', 'runs of each smaller schedule; it must break in most of them', usual.repeat)
    .option('--shrink-for <duration>', 'time for shrinking what is found', usual.shrinkFor)
    .option('--json', 'print one JSON document')
    .addOption(plantedOption())
    .addOption(new Option('--continue', 'with --planted all: measures what is left').hideHelp())
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const plan = searchPlanOf(options);
      if (options.planted !== undefined && inContainers()) {
        throw new UsageError(
          '--planted needs edited code, which only the native mesh supports: ./mesh experiment search in the checkout',
        );
      }
      if (options.planted === everyPlanted) return await toVerdict(() => measureAll(plan, options));
      const { report, file, schedule } = await toVerdict(() =>
        inLaboratory(true, [], ({ lab }) => searchWith(plan, lab)),
      );
      if (options.json === true) printJson(report);
      else print(...searchLines(report, { file, schedule }));
      process.exitCode = searchCodes[report.verdict];
    });
}

/** Searches for each planted bug, from a seed of its own unless one was typed. */
async function measureAll(plan: SearchPlan, options: Options): Promise<void> {
  const { commit } = await readEnvironment();
  await inLaboratory(true, [], async ({ lab }) => {
    const begun = options.continue === true ? await readWorth(lab.reports, commit) : { commit, outcomes: [] };
    const worth = await measure(begun, lab.reports, async (bug) => {
      if (lab.interrupted.aborted) return undefined;
      progress(`${bug}: searching`);
      const one = { ...plan, seed: seedOf(options.seed), planted: bug };
      const { report, file, shown } = await searchWith(one, lab, timesAgain);
      return lab.interrupted.aborted ? undefined : outcomeOf(bug, report, shown, file);
    });
    if (options.json === true) printJson(worth);
    else print(...worthLines(worth, worthFile(lab.reports)));
    const missed = worth.outcomes.some(({ found }) => found === null);
    process.exitCode =
      leftOf(worth).length > 0 ? exitCodes.unproven : missed ? exitCodes.failed : exitCodes.done;
  });
}

/** A report with where it is kept, and the smallest schedule with it. */
interface Kept {
  readonly report: SearchReport;
  readonly file: string;
  readonly schedule: string;
  /** How often that schedule broke the same again. */
  readonly shown: number;
}

/**
 * Searches on a plain mesh, and keeps what was learnt, whatever becomes of the mesh then; what was found is run so often again. Throws
 * `ProvedNothing` when the mesh is not plain, or another command has it.
 */
async function searchWith(plan: SearchPlan, lab: Laboratory, again = 0): Promise<Kept> {
  return await onPlainMesh(lab, async (here) => {
    const directory = path.join(here.reports, `search-${runStamp()}`);
    await mkdir(directory, { recursive: true }).catch((error: unknown) => {
      throw unwritable(here.reports, error);
    });
    progress(`Seed ${plan.seed}: schedules are drawn for ${durationText(plan.for_ms)}`);
    return await withPlanted(plan, here, async (code) => {
      const { run: attempt, pageOf } = attempts(here, directory, plan.planted);
      const run = repairing(attempt, () => repair(here, code));
      const learnt = await searchIn(directory, plan, here, run);
      const { found } = learnt;
      const report = reportOf(plan, learnt);
      const file = await writeJson(path.join(directory, experimentFiles.report), report);
      const schedule = path.join(directory, 'schedule.json');
      if (found !== null) {
        await writeJson(schedule, found.smallest);
        const page = pageOf(found.smallest);
        if (page !== undefined) await copyFile(page, path.join(directory, experimentFiles.page));
      }
      const shown = found === null ? 0 : await shownAgain(found, again, run, here);
      return { report, file, schedule: path.relative('', schedule), shown };
    });
  });
}

/** Runs the work with the bug that the plan names, and ends it. */
async function withPlanted<T>(
  plan: SearchPlan,
  lab: Laboratory,
  work: (code: EditedCode | undefined) => Promise<T>,
): Promise<T> {
  if (plan.planted === undefined) return await work(undefined);
  const { code } = plantedNamed(plan.planted);
  try {
    await startEdited(code, lab);
    return await work(code);
  } finally {
    await endEdited(lab);
  }
}

async function searchIn(
  directory: string,
  plan: SearchPlan,
  lab: Laboratory,
  run: SearchHands['run'],
): Promise<Learnt> {
  const draws = drawn(
    plan.seed,
    Math.ceil(plan.for_ms / shortestMs),
    groundOf(lab.placement, !inContainers()),
  );
  const underWay = path.join(directory, experimentFiles.report);
  return await search(plan, draws, {
    run,
    interrupted: lab.interrupted,
    now: () => performance.now(),
    onProgress: progress,
    // if this command is killed, its results are on disk
    async onLearnt(learnt) {
      await writeJson(underWay, reportOf(plan, { ...learnt, ended_early: 'it is under way, or was killed' }));
    },
  });
}

/** How often of so many runs what was found breaks the same again; a run that proves nothing does not. */
async function shownAgain(
  { smallest, broken }: Found,
  times: number,
  run: SearchHands['run'],
  { interrupted }: Pick<Laboratory, 'interrupted'>,
): Promise<number> {
  let shown = 0;
  for (let time = 1; time <= times && !interrupted.aborted; time += 1) {
    const tried = await run(smallest).catch(() => undefined);
    if (tried !== undefined && breaks(tried, wantedOf(broken))) shown += 1;
    progress(`run again ${time} of ${times}: broke ${shown} times`);
  }
  return shown;
}

function reportOf(plan: SearchPlan, learnt: Learnt): SearchReport {
  return searchReport(plan, learnt, helpHere(commandOf(plan)));
}

/** Writes it; the file. */
async function writeJson(file: string, value: unknown): Promise<string> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
  return file;
}
