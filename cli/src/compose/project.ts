/**
 * The mesh in containers, as seen from the host: through the engine's own command line, called in the checkout, so
 * that the `.env` there and compose's variables say which project and which engine. Its parts, and their processes that crash
 * or hang for a time.
 */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { UnknownPartError } from '@microshop/native/supervision/supervisor';
import { hasCode } from '@microshop/program-kit/errors';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { CommandFailed } from '../output/errors.ts';

/** How `docker` is called: in the checkout. */
export const inCheckout = { cwd: repositoryRoot } as const;

/** Limit for one answer of the engine, milliseconds; it ends what hangs. */
const answerLimitMs = 30_000;

/** Runs `docker` and returns what it prints. Throws `CommandFailed` with what it says. */
export async function docker(args: readonly string[]): Promise<string> {
  const options = { ...inCheckout, stdin: 'ignore', timeout: answerLimitMs, reject: false } as const;
  // imported on demand: other commands do not need it
  const { execa } = await import('execa');
  const result = await execa('docker', args, options);
  if (!result.failed) return result.stdout;
  if (hasCode(result.cause, 'ENOENT')) throw new CommandFailed('docker is not on PATH');
  const said = result.stderr.trim();
  throw new CommandFailed(said === '' ? (result.originalMessage ?? result.shortMessage) : said, {
    cause: result,
  });
}

/** A pod's own container does nothing and must not be touched: it holds the network namespace of the other two. */
const isPod = (service: string): boolean => service.endsWith('-pod');

/** Names of the parts of the project, whether or not they run. Asks no engine. */
async function partNames(): Promise<string[]> {
  const services = (await docker(['compose', 'config', '--services'])).split('\n');
  return services.filter((service) => service !== '' && !isPod(service)).sort();
}

/** Throws `UnknownPartError` unless the project has a part of that name. */
export async function checkComposePart(name: string): Promise<void> {
  const known = await partNames();
  if (!known.includes(name)) throw new UnknownPartError(name, known);
}

/**
 * The containers of the project that have processes: `state` is `running`, `paused` or `restarting`. Throws `CommandFailed`.
 */
export async function liveContainers(): Promise<{ part: string; name: string; state: string }[]> {
  const listed = await docker(['compose', 'ps', '--format', 'json']);
  return containersIn(listed).map(({ Service, Name, State }) => ({
    part: Service,
    name: Name,
    state: State,
  }));
}

const containerSchema = Type.Object({ Service: Type.String(), Name: Type.String(), State: Type.String() });

/** What `docker compose ps --format json` prints: a line for each container, before Compose 2.21 one array of them. */
function containersIn(text: string): Static<typeof containerSchema>[] {
  const documents = text.split('\n').filter((line) => line !== '');
  return documents.flatMap((line) => {
    const value: unknown = JSON.parse(line);
    return Value.Parse(Type.Array(containerSchema), Array.isArray(value) ? value : [value]);
  });
}

/** Whether the project runs. False also where no engine answers, or there is no `docker` to ask. */
export async function composeRuns(): Promise<boolean> {
  return await liveContainers().then(
    (containers) => containers.length > 0,
    () => false,
  );
}

/**
 * Name of the container of a part (`microshop-users-1`). Throws `UnknownPartError`, and `CommandFailed` with what to do when
 * it does not run or is paused.
 */
export async function runningContainer(part: string): Promise<string> {
  await checkComposePart(part);
  const containers = await liveContainers();
  if (containers.length === 0) {
    throw new CommandFailed('The compose project does not run; start it with docker compose up -d --wait');
  }
  const container = containers.find((one) => one.part === part);
  if (container === undefined) {
    throw new CommandFailed(`${part} does not run; start it with docker compose start ${part}`);
  }
  if (container.state === 'paused') {
    throw new CommandFailed(`${part} is paused; docker compose unpause ${part} resumes it`);
  }
  return container.name;
}

/**
 * Kills the first process of a part's container as a crash would, and with it the others; the engine starts it again.
 * `docker kill` would not do: the engine takes it for a wish of its user and leaves the container stopped. So the signal comes
 * from a container that sees the engine's processes, made of the part's own image, with the one capability it needs.
 * Returns the container's name. Throws as `runningContainer` does.
 */
export async function crashPart(part: string): Promise<string> {
  const container = await runningContainer(part);
  const asked = ['inspect', '--format', '{{.State.Pid}} {{.Image}}', container];
  const [pid = '', image = ''] = (await docker(asked)).split(' ');
  // the engine reports 0 when the process has just ended
  if (!(Number(pid) > 0)) throw new CommandFailed(`${part} has no process: it is being restarted`);
  const rights = ['--pid', 'host', '--user', 'root', '--cap-drop', 'ALL', '--cap-add', 'KILL'];
  const bounds = ['--network', 'none', '--read-only', '--security-opt', 'no-new-privileges'];
  const kill = ['--entrypoint', 'sh', image, '-c', `kill -9 ${pid}`];
  await docker(['run', '--rm', ...rights, ...bounds, ...kill]);
  return container;
}

/**
 * Pauses a container for so many seconds. The command that started it may have ended by then; a signal ends the pause at
 * once. So unless it gets SIGKILL, a container that it has paused resumes.
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
 * Kills a container, which the engine takes for a wish of its user and leaves stopped, and starts it so many seconds later. As
 * `pauseScript`, it outlives the command, and a signal starts the container at once.
 */
const downScript = `
  trap '' PIPE
  trap : HUP INT TERM
  docker kill "$1" >/dev/null || exit
  echo down
  exec >/dev/null 2>&1
  sleep "$2" & wait $!
  docker start "$1"
  kill $!`;

/**
 * Stops all processes of a part's container where they are, for `ms` milliseconds. A process in a session of its own does
 * it and ends it, even when this one was killed. Returns the container's name when it is paused. Throws as
 * `runningContainer` does.
 */
export async function pausePart(part: string, ms: number): Promise<string> {
  return await keptFor(pauseScript, part, ms);
}

/** Ends a part's container in order and starts it again. Returns its name. Throws as `runningContainer` does. */
export async function restartPart(part: string): Promise<string> {
  const container = await runningContainer(part);
  await docker(['restart', container]);
  return container;
}

/** Kills a part's container and leaves it down for `ms` milliseconds; otherwise as {@link pausePart}. */
export async function downPart(part: string, ms: number): Promise<string> {
  return await keptFor(downScript, part, ms);
}

async function keptFor(script: string, part: string, ms: number): Promise<string> {
  const container = await runningContainer(part);
  const keeper = spawn('sh', ['-c', script, 'sh', container, String(ms / 1000)], {
    ...inCheckout,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  keeper.unref();
  // it closes both when it is done or has failed
  const [done, refused] = await Promise.all([text(keeper.stdout), text(keeper.stderr)]);
  if (done === '') throw new CommandFailed(refused.trim());
  return container;
}
