/** The mesh command with the laboratory's own commands; `cli/src/laboratory.ts` goes on here. */
import { runProgram } from '@microshop/cli/run-program';
import { createWholeProgram } from './program.ts';

await runProgram(createWholeProgram());
