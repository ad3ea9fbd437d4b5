/** `./mesh experiment`: experiments with verdicts, on the running mesh. */

import { laboratoryCommands } from '@microshop/cli/laboratory';
import { columns } from '@microshop/cli/output/columns';
import { exitCodes, UsageError } from '@microshop/cli/output/errors';
import { print, printJson } from '@microshop/cli/output/output';
import { wholeSeconds } from '@microshop/cli/output/values';
import type { Command } from 'commander';
import { experiments } from '../../experiments/index.ts';
import { registerCompare } from '../compare/command.ts';
import { type Experiment, faultCommand, mutantOf, type PhaseSeconds } from './definition.ts';
import { inLaboratory } from './hands.ts';
import { reportLines } from './report.ts';
import { runExperiment } from './run.ts';
import type { VerdictName } from './verdict.ts';

/** Exit code of a verdict. */
const codeOf: Readonly<Record<VerdictName, number>> = {
  PASS: exitCodes.done,
  FAIL: exitCodes.failed,
  INVALID: exitCodes.unproven,
};

const runHelp = `
Exit code: 0 PASS, 1 FAIL, 2 wrong usage, 3 INVALID (the run proved nothing, also without a mesh).
A mutant has to end with 1, and a run --without-fault with 3.

The mesh is given back as it was, also after Ctrl-C. After kill -9 the fault ends by itself; a
policy that the experiment changed stays, until ./mesh policy reset.

Example:
  ./mesh experiment run abort-30`;

interface RunOptions {
  readonly mutant?: boolean;
  readonly withoutFault?: boolean;
  readonly steady?: string;
  readonly fault?: string;
  readonly heal?: string;
  readonly json?: boolean;
}

function experimentNamed(name: string): Experiment {
  const found = experiments.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `There is no experiment "${name}"; the experiments are ${experiments.map((one) => one.name).join(', ')}`,
  );
}

/** The experiment as it was asked for. */
function asked(name: string, { mutant, steady, fault, heal }: RunOptions): Experiment {
  const plain = experimentNamed(name);
  const experiment = mutant === true ? mutantOf(plain) : plain;
  const length = (option: string, text: string | undefined, usual: number) =>
    text === undefined ? usual : wholeSeconds(`--${option}`, text);
  const seconds: PhaseSeconds = {
    steady: length('steady', steady, experiment.seconds.steady),
    fault: length('fault', fault, experiment.seconds.fault),
    heal: length('heal', heal, experiment.seconds.heal),
  };
  return { ...experiment, seconds };
}

async function run(
  experiment: Experiment,
  { withoutFault = false, json = false }: RunOptions,
): Promise<void> {
  const { report, file } = await inLaboratory(!withoutFault, (lab) => runExperiment(experiment, lab));
  if (json) printJson(report);
  else print(...reportLines(report, file));
  process.exitCode = codeOf[report.verdict];
}

function list(json: boolean): void {
  if (json) {
    printJson({
      experiments: experiments.map(({ name, hypothesis, fault, mutant }) => ({
        name,
        hypothesis,
        fault: faultCommand(fault),
        mutant: mutant.without,
        sabotaged: mutant.sabotaged === true,
      })),
    });
    return;
  }
  const rows = experiments.map(({ name, hypothesis, mutant }) => [
    name,
    hypothesis,
    `${mutant.sabotaged === true ? 'sabotaged: ' : 'without '}${mutant.without}`,
  ]);
  print(...columns(['name', 'claim', 'mutant'], rows));
}

/** Adds the command with its subcommands to the program. */
export function registerExperiment(program: Command): void {
  const experiment = program
    .command('experiment')
    .description(laboratoryCommands.experiment)
    .addHelpText('after', '\nExample:\n  ./mesh experiment list\n  ./mesh experiment run abort-30');

  experiment
    .command('list')
    .description('the experiments: what each claims, and the mutant that must fail')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  ./mesh experiment list')
    .action(({ json = false }: { readonly json?: boolean }) => list(json));

  experiment
    .command('run')
    .description('run one on the running mesh; the exit code is the verdict')
    .argument('<name>', experiments.map(({ name }) => name).join(', '))
    .option('--mutant', 'with its protection taken away, or its limit sabotaged: must come out FAIL')
    .option('--without-fault', 'everything but the fault: must come out INVALID')
    .option('--steady <duration>', 'length of the phase before the fault, like 10s')
    .option('--fault <duration>', 'length of the fault')
    .option('--heal <duration>', 'length of the phase after it')
    .option('--json', 'print one JSON document')
    .addHelpText('after', runHelp)
    .action(async (name: string, options: RunOptions) => run(asked(name, options), options));

  registerCompare(experiment);
}
