/**
 * The mesh in containers, as whoever runs it sees it: through the engine's own command line, called in the checkout, so
 * that the `.env` there and compose's variables say which project and which engine.
 */

import { UnknownPartError } from '@microshop/native/supervision/supervisor';
import { hasCode } from '@microshop/program-kit/errors';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { execa } from 'execa';
import { CommandFailed } from '../output/errors.ts';

/** How `docker` is called: in the checkout. */
export const inCheckout = { cwd: repositoryRoot } as const;

/** Limit for one answer of the engine, milliseconds; it ends what hangs. */
const answerLimitMs = 30_000;

/** Runs `docker` and returns what it prints. Throws `CommandFailed` with what it says. */
export async function docker(args: readonly string[]): Promise<string> {
  const options = { ...inCheckout, stdin: 'ignore', timeout: answerLimitMs, reject: false } as const;
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

/** The containers of the project that have processes: `state` is `running`, `paused` or `restarting`. */
async function liveContainers(): Promise<{ part: string; name: string; state: string }[]> {
  const format = '{{.Service}} {{.Name}} {{.State}}';
  const lines = (await docker(['compose', 'ps', '--format', format])).split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [part = '', name = '', state = ''] = line.split(' ');
      return { part, name, state };
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
    throw new CommandFailed(`${part} is paused; docker compose unpause ${part} lets it go on`);
  }
  return container.name;
}
