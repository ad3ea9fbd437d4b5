/** `./mesh experiment run`: one experiment, or a series of them. */

import { meshSettings } from '@microshop/cli/mesh/settings';
import { exitCodes } from '@microshop/cli/output/errors';
import { print, printJson, progress } from '@microshop/cli/output/output';
import { experimentsDirectory } from '@microshop/program-kit/run-directory';
import type { Command } from 'commander';
import { experiments } from '../../experiments/index.ts';
import { readEnvironment } from '../bench/results/environment.ts';
import { experimentOf } from '../search/as-experiment.ts';
import { plantedNamed, plantedOption } from '../search/planted.ts';
import { placementHere, scheduleFileOf } from '../search/run-schedule.ts';
import { scheduleIn } from '../search/schedule-file.ts';
import { askedFor, type RunOptions } from './asked.ts';
import type { Experiment } from './definition.ts';
import { inLaboratory, toVerdict, type Workplace } from './hands.ts';
import { reportLines } from './report.ts';
import { runExperiment } from './run.ts';
import { experimentOf as experimentOfTurn, type SeriesPlan } from './series/plan.ts';
import { runSeries, turnsLeft } from './series/run.ts';
import { keepSeries, readSeries, refuseMixing, seriesFile } from './series/store.ts';
import { seriesCode, seriesLines } from './series/table.ts';
import type { VerdictName } from './verdict.ts';
import { refuseNativeOnly, runsHere } from './where.ts';

/** Exit code of a verdict. */
const codeOf: Readonly<Record<VerdictName, number>> = {
  PASS: exitCodes.done,
  FAIL: exitCodes.failed,
  INVALID: exitCodes.unproven,
};

const help = `
Exit code of one run: 0 PASS, 1 FAIL, 2 wrong usage, 3 INVALID (the run proved nothing).
A mutant has to end with 1, and a run --without-fault with 3.
Exit code of a series (--all, several names, --repeat, --mutants): 0 every experiment passed and
every drawn mutant failed, 3 a run is INVALID or missing, 1 anything else.

A running mesh is restored afterwards, also after Ctrl-C and kill -9; if none runs, one is started
with the replicas that the experiment needs, and stopped at the end. A series goes on after a run
that broke; --continue runs what is left.

./mesh experiment list shows which experiments run in containers; --all runs these there. The others
are refused (2) before anything begins.

Examples:
  ./mesh experiment run abort-30
  ./mesh experiment run --all --seed 7
  ./mesh experiment run schedule.json`;

async function runOne(experiment: Experiment, withFault: boolean, json: boolean): Promise<void> {
  refuseNativeOnly([{ ...experiment, name: experiment.schedule?.file ?? experiment.name }]);
  const { report, ...kept } = await toVerdict(() =>
    inLaboratory(withFault, [experiment], ({ lab }) => runExperiment(experiment, lab)),
  );
  if (json) printJson(report);
  else print(...reportLines(report, kept));
  process.exitCode = codeOf[report.verdict];
}

/** Runs a series; without a plan, what is left of the last one. */
async function runMany(plan: SeriesPlan | undefined, json: boolean): Promise<void> {
  const environment = await readEnvironment();
  const reports = experimentsDirectory(meshSettings().directory);
  const begun = plan === undefined ? await readSeries(reports) : { plan, environment, outcomes: [] };
  refuseMixing(begun, environment);
  const wanting = turnsLeft(begun).map((turn) => experimentOfTurn(turn, begun.plan, experiments));
  refuseNativeOnly(wanting);
  const inOrder = async ({ lab, labWith }: Workplace) => {
    let current = lab;
    const { names, mutants, repeat, seed } = begun.plan;
    progress(`${names.length} experiments and ${mutants.length} mutants (--seed ${seed}), ${repeat} of each`);
    await keepSeries(reports, begun);
    return await runSeries(begun, {
      experiments,
      interrupted: lab.interrupted,
      async ready({ replicas = {} }) {
        current = await labWith(replicas);
      },
      run: (experiment) => runExperiment(experiment, current),
      keep: (known) => keepSeries(reports, known),
      onProgress: progress,
    });
  };
  // of what is over there is nothing to start a mesh for
  const series = wanting.length === 0 ? begun : await toVerdict(() => inLaboratory(true, wanting, inOrder));
  if (json) printJson(series);
  else print(...seriesLines(series, seriesFile(reports)));
  process.exitCode = seriesCode(series);
}

/** Adds the subcommand. */
export function registerRun(experiment: Command): void {
  experiment
    .command('run')
    .description('run one, several or all; the exit code is the verdict')
    .argument('[names...]', `${experiments.map(({ name }) => name).join(', ')}; or a schedule, a file`)
    .option('--all', 'every experiment, and six mutants drawn by chance')
    .option('--mutants <n>', 'number of mutants that are drawn and run as well')
    .option('--seed <n>', 'seed by which the mutants are drawn; printed when it is not given')
    .option('--repeat <n>', 'number of runs of each; prints the spread of its figures')
    .option('--full', 'phases of full length: three times the short ones')
    .option('--continue', 'run what is missing or INVALID of the last series')
    .option('--mutant', 'with its protection taken away, or its limit sabotaged: must come out FAIL')
    .option('--without-fault', 'everything but the fault: must come out INVALID')
    .option('--steady <duration>', 'length of the phase before the fault, like 10s')
    .option('--fault <duration>', 'length of the fault')
    .option('--heal <duration>', 'length of the phase after it')
    .option('--json', 'print one JSON document')
    .addOption(plantedOption())
    .addHelpText('after', help)
    .action(async (names: readonly string[], options: RunOptions) => {
      const { json = false } = options;
      const file = scheduleFileOf(names, options);
      if (file !== undefined) {
        const { planted } = options;
        const code = planted === undefined ? {} : { code: plantedNamed(planted).code };
        const experiment = experimentOf(await scheduleIn(file, await placementHere()), file, planted);
        return await runOne({ ...experiment, ...code }, options.withoutFault !== true, json);
      }
      const asked = askedFor(names, options, experiments, runsHere);
      if (asked.kind === 'one') await runOne(asked.experiment, asked.withFault, json);
      else await runMany(asked.kind === 'series' ? asked.plan : undefined, json);
    });
}
