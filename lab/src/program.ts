/** The whole command line, as an object; `main.ts` runs it. */
import { Command } from 'commander';
import { commandName, refuseInContainers } from './cli/in-containers.ts';
import { registerAudit } from './commands/audit.ts';
import { registerDlq } from './commands/dlq.ts';
import { registerDown } from './commands/down.ts';
import { registerFault } from './commands/fault.ts';
import { registerLoad } from './commands/load.ts';
import { registerLogs } from './commands/logs.ts';
import { registerOrder } from './commands/order.ts';
import { registerPartActions } from './commands/part-actions.ts';
import { registerPolicy } from './commands/policy.ts';
import { registerStatus } from './commands/status.ts';
import { registerTest } from './commands/test.ts';
import { registerTools } from './commands/tools.ts';
import { registerTrace } from './commands/trace.ts';
import { registerUp } from './commands/up.ts';

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command(commandName())
    .description('Microshop Mesh: three services behind Envoy, and a laboratory around them')
    .helpCommand('help [command]', 'show the help of a command')
    .showHelpAfterError(`(${commandName()} help shows how)`)
    .exitOverride()
    .hook('preAction', (_program, command) => refuseInContainers(command.name()));
  registerUp(program);
  registerDown(program);
  registerStatus(program);
  registerPartActions(program);
  registerLogs(program);
  registerOrder(program);
  registerTrace(program);
  registerLoad(program);
  registerFault(program);
  registerPolicy(program);
  registerAudit(program);
  registerDlq(program);
  registerTools(program);
  registerTest(program);
  for (const command of program.commands) throwInsteadOfExit(command);
  return program;
}

/** Subcommands take this from their parent only when they are made after it is set, so it is set on each. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride().showHelpAfterError(`(${commandName()} help shows how)`);
  for (const inner of command.commands) throwInsteadOfExit(inner);
}
