/** `./mesh experiment`: experiments with verdicts. */
import { laboratoryCommands } from '@microshop/cli/laboratory';
import { meshSettings } from '@microshop/cli/mesh/settings';
import { columns } from '@microshop/cli/output/columns';
import { print, printJson } from '@microshop/cli/output/output';
import type { Command } from 'commander';
import { experiments } from '../../experiments/index.ts';
import { registerCompare } from '../compare/command.ts';
import { faultCommand } from './definition.ts';
import { lastPage } from './page/kept.ts';
import { registerRun } from './run-command.ts';

function list(json: boolean): void {
  if (json) {
    printJson({
      experiments: experiments.map(({ name, hypothesis, fault, throughout, mutant }) => ({
        name,
        hypothesis,
        fault: faultCommand(fault),
        ...(throughout === undefined ? {} : { throughout: faultCommand(throughout) }),
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

  registerRun(experiment);

  experiment
    .command('report')
    .description('where the page of the last run is, or of the last comparison; a browser opens it')
    .argument('<name>', 'an experiment, its mutant (abort-30.mutant), or compare')
    .addHelpText('after', '\nExample:\n  ./mesh experiment report abort-30')
    .action((name: string) => print(lastPage(meshSettings().directory.experiments, name)));

  registerCompare(experiment);
}
