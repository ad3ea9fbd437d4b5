/** The mesh command. */
import { CommanderError } from 'commander';
import { CommandFailed, exitCodes, ProvedNothing, UsageError } from './cli/errors.ts';
import { inContainers } from './cli/in-containers.ts';
import { progress, survivePipes } from './cli/output.ts';
import { toldOf } from './cli/running-mesh.ts';
import { UnreachableError } from './http-json.ts';
import { createProgram } from './program.ts';

/** Exit code for what a command threw; prints the message unless it was printed already. */
async function failed(error: unknown): Promise<number> {
  if (error instanceof CommanderError) {
    // help and version also arrive here, with code 0; commander has printed its message
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  progress(`mesh: ${await toldOf(error)}`);
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof ProvedNothing) return exitCodes.unproven;
  const told = error instanceof CommandFailed || error instanceof UnreachableError;
  if (!told && process.env['MESH_DEBUG'] === undefined) {
    const log = inContainers() ? '' : '; ./mesh logs runner is the runner’s log';
    progress(`MESH_DEBUG=1 shows where this comes from${log}`);
  }
  if (process.env['MESH_DEBUG'] !== undefined && error instanceof Error) {
    progress(error.stack ?? '');
  }
  return exitCodes.failed;
}

survivePipes();
try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = await failed(error);
}
