/** The command line with the laboratory's commands, as an object; `main.ts` runs it. */
import { createProgram } from '@microshop/cli/program';
import type { Command } from 'commander';
import { registerBench } from './bench/command.ts';
import { registerExperiment } from './experiment/command.ts';

/** The whole command line. */
export function createWholeProgram(): Command {
  return createProgram((program) => {
    registerBench(program);
    registerExperiment(program);
  });
}
