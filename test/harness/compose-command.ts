/**
 * The mesh command in one container for a whole run: the image, user, networks and volumes of the service `mesh`, as in
 * `docker compose run --rm mesh`, whose container takes two seconds to make. `test/compose/tour.test.ts` types that.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { root } from './command.ts';
import { docker } from './docker.ts';
import type { CommandResult } from './driver.ts';

/** Variable with the name of the container that the runner has started; a file that runs by itself starts one of its own. */
export const holderVariable = 'MESH_TEST_COMMANDS_IN';

/** What the container does: it ends with its standard input, so none outlives who started it. */
const holding = ['-c', 'echo holding; exec cat'];

/** A container in which commands are run. */
export interface Holder {
  readonly name: string;
  /** Ends it; resolves when it is gone. */
  end(): Promise<void>;
}

/** Starts the container; resolves when it runs. It does not keep this process alive. */
export async function startHolder(): Promise<Holder> {
  const name = `mesh-commands-${randomUUID()}`;
  const run = ['compose', 'run', '--rm', '-T', '--no-deps', '--name', name, '--entrypoint', 'sh', 'mesh'];
  const child = spawn('docker', [...run, ...holding], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const failed = exited.then(() => {
    throw new Error('The container for commands ended before it ran');
  });
  await Promise.race([once(createInterface({ input: child.stdout }), 'line'), failed]);
  failed.catch(() => undefined);
  for (const stream of [child.stdin, child.stdout]) if (stream instanceof Socket) stream.unref();
  child.unref();
  return {
    name,
    async end() {
      child.ref();
      child.stdin.end();
      await exited;
    },
  };
}

/** Runs the command with those arguments there, with that standard input. */
export function commandsInContainer(): (args: readonly string[], input?: string) => Promise<CommandResult> {
  let started: Promise<Holder> | undefined;
  const holder = async () => {
    const given = process.env[holderVariable];
    if (given !== undefined) return given;
    started ??= startHolder();
    return (await started).name;
  };
  return async (args, input) =>
    await docker(['exec', '--interactive', await holder(), 'node', 'cli/src/main.ts', ...args], input);
}
