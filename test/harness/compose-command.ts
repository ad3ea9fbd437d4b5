/**
 * The mesh command in one container for a whole file of tests: the image, user, networks and volumes of the service `mesh`, as
 * in `docker compose run --rm mesh`, whose container takes two seconds to make. `test/compose/tour.test.ts` types that.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { root } from './command.ts';
import { docker } from './docker.ts';
import type { CommandResult } from './driver.ts';

/** What the container does: it ends with its standard input, so none outlives its test. */
const holding = ['-c', 'echo holding; exec cat'];

/** Starts the container; resolves with its name when it runs. */
async function startHolder(): Promise<string> {
  const name = `mesh-commands-${randomUUID()}`;
  const run = ['compose', 'run', '--rm', '-T', '--no-deps', '--name', name, '--entrypoint', 'sh', 'mesh'];
  const child = spawn('docker', [...run, ...holding], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(() => {
    throw new Error('The container for commands ended before it ran');
  });
  await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  ended.catch(() => undefined);
  // it is open as long as this process lives, and does not keep it alive
  for (const stream of [child.stdin, child.stdout]) if (stream instanceof Socket) stream.unref();
  child.unref();
  return name;
}

/** Runs the command with those arguments there, with that standard input. */
export function commandsInContainer(): (args: readonly string[], input?: string) => Promise<CommandResult> {
  let holder: Promise<string> | undefined;
  return async (args, input) => {
    holder ??= startHolder();
    return await docker(['exec', '--interactive', await holder, 'node', 'cli/src/main.ts', ...args], input);
  };
}
