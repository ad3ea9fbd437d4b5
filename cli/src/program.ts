/** The whole command line, as an object; `main.ts` runs it. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { commandName, inContainers, insteadHere, worksHere } from '@microshop/program-kit/typed-here';
import { Command } from 'commander';
import { clusterOptions, nameCluster, withPlace } from './cluster/named.ts';
import { registerAudit } from './commands/audit.ts';
import { registerConsole } from './commands/console.ts';
import { registerDlq } from './commands/dlq.ts';
import { registerDown } from './commands/down.ts';
import { registerFault } from './commands/fault.ts';
import { registerLoad } from './commands/load.ts';
import { registerLogs } from './commands/logs.ts';
import { registerOrder } from './commands/order.ts';
import { registerOutbox } from './commands/outbox.ts';
import { registerPartActions } from './commands/part-actions.ts';
import { registerPolicy } from './commands/policy.ts';
import { registerStatus } from './commands/status.ts';
import { registerTest } from './commands/test.ts';
import { registerToken } from './commands/token.ts';
import { registerTools } from './commands/tools.ts';
import { registerTrace } from './commands/trace.ts';
import { registerUp } from './commands/up.ts';
import { becomeLaboratory, isOfLaboratory, registerLaboratoryNames } from './laboratory.ts';
import { UsageError } from './output/errors.ts';
import { helpOutput } from './output/output.ts';

/** Adds commands to the program. */
export type Register = (program: Command) => void;

/** The whole command line. The laboratory gives its own commands in place of their names. */
export function createProgram(registerLaboratory: Register = registerLaboratoryNames): Command {
  const program = new Command(commandName())
    .description('Microshop Mesh: three services behind Envoy, and a laboratory around them')
    .helpCommand(false)
    .version(packageVersion(), '-V, --version', 'print the version')
    .exitOverride()
    // options before the command belong to the program: `policy export` has its own --namespace
    .enablePositionalOptions()
    .configureHelp({ visibleCommands: ({ commands }) => commands.filter((one) => worksHere(one.name())) })
    .configureOutput({ ...helpOutput, outputError: (text, write) => write(withPlace(text)) })
    .hook('preAction', (program, command) => {
      nameCluster(program.opts());
      refuseElsewhere(command.name());
    });
  for (const option of clusterOptions()) program.addOption(option);
  registerUp(program);
  registerDown(program);
  registerStatus(program);
  registerConsole(program);
  registerPartActions(program);
  registerLogs(program);
  registerOrder(program);
  registerTrace(program);
  registerLoad(program);
  registerFault(program);
  registerPolicy(program);
  registerAudit(program);
  registerDlq(program);
  registerOutbox(program);
  registerToken(program);
  registerTools(program);
  registerTest(program);
  registerLaboratory(program);
  registerHelp(program, registerLaboratory === registerLaboratoryNames);
  throwInsteadOfExit(program, []);
  return program;
}

/** Subcommands take this from their parent only when they are made after it is set, so it is set on each. */
function throwInsteadOfExit(command: Command, words: readonly string[]): void {
  const help = [commandName(), 'help', ...words].join(' ');
  command.exitOverride().showHelpAfterError(`(${help} shows how)`);
  for (const inner of command.commands) throwInsteadOfExit(inner, [...words, inner.name()]);
}

/** The version of this checkout. */
function packageVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8'),
  );
  return version;
}

/** Commander's own knows commands of the first level only, and shows everything for a word it does not know. */
function registerHelp(program: Command, onlyNames: boolean): void {
  program
    .command('help')
    .description('show the help of a command')
    .argument('[command...]')
    .addHelpText('after', '\nExample:\n  ./mesh help fault set')
    .action((words: readonly string[]) => {
      let command = program;
      for (const word of words) {
        const inner = command.commands.find((one) => one.name() === word);
        if (inner === undefined) {
          const here = command.commands.filter((one) => worksHere(one.name()));
          const known = here.map((one) => one.name()).join(', ');
          throw new UsageError(`There is no command "${words.join(' ')}"; the commands here are ${known}`);
        }
        refuseElsewhere(inner.name());
        if (onlyNames && isOfLaboratory(inner.name())) becomeLaboratory();
        command = inner;
      }
      command.outputHelp();
    });
}

/** Throws `UsageError`, with what to use instead, for a command that cannot work in a container, or on a cluster. */
export function refuseElsewhere(command: string, env: NodeJS.ProcessEnv = process.env): void {
  const instead = insteadHere(command, env);
  if (instead === undefined) return;
  const where = inContainers(env) ? 'works on the host, not in a container' : 'does not work on a cluster';
  throw new UsageError(`\`${command}\` ${where}; use: ${instead}`);
}
