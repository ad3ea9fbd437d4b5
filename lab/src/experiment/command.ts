/** `./mesh experiment`: experiments with verdicts. */
import { laboratoryCommands } from '@microshop/cli/laboratory';
import { meshSettings } from '@microshop/cli/mesh/settings';
import { columns } from '@microshop/cli/output/columns';
import { print, printJson } from '@microshop/cli/output/output';
import { experimentsDirectory } from '@microshop/program-kit/run-directory';
import type { Command } from 'commander';
import { experiments } from '../../experiments/index.ts';
import { registerCompare } from '../compare/command.ts';
import { registerSearch } from '../search/command.ts';
import { type Experiment, faultCommand, mutantOf } from './definition.ts';
import { checkReported, lastPage } from './page/kept.ts';
import { fetchLines } from './report.ts';
import { registerRun } from './run-command.ts';
import { nativeNeed } from './where.ts';

/** Whether it runs in containers, and its mutant. */
function containersCell(experiment: Experiment): string {
  if (nativeNeed(experiment) !== undefined) return 'no';
  return nativeNeed(mutantOf(experiment)) === undefined ? 'yes' : 'yes, mutant no';
}

function list(json: boolean): void {
  if (json) {
    printJson({
      experiments: experiments.map((experiment) => {
        const { name, hypothesis, fault, throughout, mutant } = experiment;
        return {
          name,
          hypothesis,
          // why it runs natively only; null for one that runs in containers as well
          native_for: nativeNeed(experiment) ?? null,
          fault: faultCommand(fault),
          ...(throughout === undefined ? {} : { throughout: faultCommand(throughout) }),
          mutant: mutant.without,
          sabotaged: mutant.sabotaged === true,
        };
      }),
    });
    return;
  }
  const rows = experiments.map((experiment) => [
    experiment.name,
    experiment.hypothesis,
    `${experiment.mutant.sabotaged === true ? 'sabotaged: ' : 'without '}${experiment.mutant.without}`,
    containersCell(experiment),
  ]);
  print(...columns(['name', 'claim', 'mutant', 'compose'], rows));
}

/** Adds the command with its subcommands to the program. */
export function registerExperiment(program: Command): void {
  const experiment = program
    .command('experiment')
    .description(laboratoryCommands.experiment)
    .addHelpText('after', '\nExample:\n  ./mesh experiment list\n  ./mesh experiment run abort-30');

  experiment
    .command('list')
    .description('what each claims, the mutant that must fail, and whether they run in containers')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  ./mesh experiment list')
    .action(({ json = false }: { readonly json?: boolean }) => list(json));

  registerRun(experiment);

  experiment
    .command('report')
    .description('where the page of the last run is, or of the last comparison; a browser opens it')
    .argument('<name>', 'an experiment, its mutant (abort-30.mutant), schedule, compare, or search')
    .addHelpText('after', '\nExample:\n  ./mesh experiment report abort-30')
    .action((name: string) => {
      checkReported(name, experiments);
      const page = lastPage(experimentsDirectory(meshSettings().directory), name);
      print(page, ...fetchLines(page));
    });

  registerCompare(experiment);
  registerSearch(experiment);
}
