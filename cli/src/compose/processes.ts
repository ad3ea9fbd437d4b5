/** Processes of the mesh in containers that crash, or hang for a time. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { CommandFailed } from '../output/errors.ts';
import { docker, inCheckout, runningContainer } from './project.ts';

/**
 * Kills the first process of a part's container as a crash would, and with it the others; the engine starts it again.
 * `docker kill` would not do: the engine takes it for a wish of its user, and the container stays away. So the signal comes
 * from a container that sees the engine's processes, made of the part's own image, with the one capability it needs.
 * Returns the container's name. Throws as `runningContainer` does.
 */
export async function crashPart(part: string): Promise<string> {
  const container = await runningContainer(part);
  const asked = ['inspect', '--format', '{{.State.Pid}} {{.Image}}', container];
  const [pid = '', image = ''] = (await docker(asked)).split(' ');
  // the engine says 0 when the process has just ended
  if (!(Number(pid) > 0)) throw new CommandFailed(`${part} has no process: it is being started again`);
  const rights = ['--pid', 'host', '--user', 'root', '--cap-drop', 'ALL', '--cap-add', 'KILL'];
  const bounds = ['--network', 'none', '--read-only', '--security-opt', 'no-new-privileges'];
  const kill = ['--entrypoint', 'sh', image, '-c', `kill -9 ${pid}`];
  await docker(['run', '--rm', ...rights, ...bounds, ...kill]);
  return container;
}

/**
 * Pauses a container for so many seconds. Whoever waits for its word may be gone by then; a signal makes the pause end at
 * once. So whatever happens to it, short of SIGKILL, a container that it has paused goes on.
 */
const pauseScript = `
  trap '' PIPE
  trap : HUP INT TERM
  docker pause "$1" >/dev/null || exit
  echo paused
  exec >/dev/null 2>&1
  sleep "$2" & wait $!
  docker unpause "$1"
  kill $!`;

/**
 * Stops all processes of a part's container where they are, for `ms` milliseconds. A process in a session of its own does
 * it and ends it: what becomes of this one does not matter. Returns the container's name when it is paused. Throws as
 * `runningContainer` does.
 */
export async function pausePart(part: string, ms: number): Promise<string> {
  const container = await runningContainer(part);
  const keeper = spawn('sh', ['-c', pauseScript, 'sh', container, String(ms / 1000)], {
    ...inCheckout,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  keeper.unref();
  // it lets go of both when it has paused the container, or could not
  const [paused, refused] = await Promise.all([text(keeper.stdout), text(keeper.stderr)]);
  if (paused === '') throw new CommandFailed(refused.trim());
  return container;
}
