/** Runs a command line to its exit code; the laboratory's runs through here, too. */

import { ExplainedError, InvalidInputError } from '@microshop/program-kit/errors';
import { namedCluster, wordsHere } from '@microshop/program-kit/typed-here';
import { type Command, CommanderError } from 'commander';
import { explanationOf } from './mesh/running-mesh.ts';
import { exitCodes, ProvedNothing } from './output/errors.ts';
import { progress, survivePipes } from './output/output.ts';

/** Where an error comes from, and where its causes do. */
function stacksOf(error: unknown): string[] {
  return error instanceof Error ? [error.stack ?? error.message, ...stacksOf(error.cause)] : [];
}

/** Exit code for what a command threw; prints the message unless it was printed already. */
async function failed(error: unknown): Promise<number> {
  if (error instanceof CommanderError) {
    // help and version also arrive here, with code 0; commander has printed its message
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  progress(`mesh: ${await explanationOf(error)}`);
  if (error instanceof InvalidInputError) return exitCodes.usage;
  const explained = error instanceof ExplainedError;
  if (!explained && process.env['MESH_DEBUG'] === undefined) {
    const log = wordsHere() !== undefined ? '' : '; ./mesh logs runner is the runner’s log';
    progress(`MESH_DEBUG=1 shows where this comes from${log}`);
  }
  if (process.env['MESH_DEBUG'] !== undefined && error instanceof Error) {
    progress(stacksOf(error).join('\ncaused by '));
  }
  return error instanceof ProvedNothing ? exitCodes.unproven : exitCodes.failed;
}

/** Ends what keeps the process: ways into a cluster. */
async function end(): Promise<void> {
  if (namedCluster() === undefined) return;
  const { closeClusterMesh } = await import('./cluster/mesh.ts');
  await closeClusterMesh();
}

/** Runs what was typed; prints what it throws, and turns it into the exit code. */
export async function runProgram(program: Command): Promise<void> {
  survivePipes();
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = await failed(error);
  } finally {
    await end();
  }
}
