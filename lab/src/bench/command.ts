/** `./mesh bench`: what the mesh costs. */
import { laboratoryCommands } from '@microshop/cli/laboratory';
import type { Command } from 'commander';
import { registerTelemetryCost } from '../cost/command.ts';

/** Adds the command with its subcommands to the program. */
export function registerBench(program: Command): void {
  const bench = program
    .command('bench')
    .description(laboratoryCommands.bench)
    .addHelpText('after', '\nExample:\n  ./mesh bench telemetry traces --pairs 6');
  registerTelemetryCost(bench);
}
