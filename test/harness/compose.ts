/** A mesh in containers. Which project, and its ports, say the environment variables of compose and `MESH_PORT_…`. */
import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { portOf } from '@microshop/topology';
import { databases } from './database.ts';
import { allContainers, containerOf, docker, dockerDone, isWell } from './docker.ts';
import type { Mesh } from './driver.ts';
import { publishedAddresses } from './published.ts';
import { waitFor } from './wait.ts';

/** Time a part may take to become healthy, milliseconds. */
const healthyWithinMs = 60_000;

async function whenWell(part: string, besidesPid: number): Promise<void> {
  await waitFor(
    `${part} is healthy`,
    async () => {
      const container = await containerOf(part);
      return isWell(container) && container.State.Pid !== besidesPid ? true : undefined;
    },
    healthyWithinMs,
  );
}

/**
 * Ends the process of a part as a crash would. `docker kill` would not do: the engine takes it for a wish of its user and
 * leaves the container stopped. The process is killed from a container that sees the engine's processes.
 */
async function crash(part: string): Promise<number> {
  const { Pid } = (await containerOf(part)).State;
  if (Pid === 0) throw new Error(`${part} does not run`);
  const image = (await containerOf('control')).Config.Image;
  const rights = ['--pid', 'host', '--user', 'root', '--cap-drop', 'ALL', '--cap-add', 'KILL'];
  await dockerDone([
    ...['run', '--rm', '--network', 'none', ...rights, '--entrypoint', 'bash', image],
    ...['-c', `kill -9 ${Pid}`],
  ]);
  return Pid;
}

async function unwell(): Promise<string[]> {
  const containers = [...(await allContainers())];
  return containers.filter(([, container]) => !isWell(container)).map(([service]) => service);
}

/** The compose project of the environment. */
export function composeMesh(): Mesh {
  const passwords = new Map<string, string>();

  async function secret(name: string): Promise<string> {
    const known = passwords.get(name);
    if (known !== undefined) return known;
    const file = `/secrets/${name}/${name}-password`;
    const password = await dockerDone(['compose', 'exec', '-T', 'control', 'cat', file]);
    passwords.set(name, password);
    return password;
  }

  const { client: _, ...queries } = databases(portOf('postgres', 1), secret);

  return {
    mode: 'compose',
    ...publishedAddresses(1),
    ...queries,
    secret,
    stop: async (part) => void (await dockerDone(['compose', 'stop', part])),
    async start(part) {
      await dockerDone(['compose', 'start', part]);
      await whenWell(part, 0);
    },
    kill: async (part) => whenWell(part, await crash(part)),
    killNow: async (part) => void (await crash(part)),
    failpoint: async () => {
      throw new Error(
        'Failpoints are armed on a native mesh: the containers are never started with MESH_LAB=1',
      );
    },
    armed: async () => false,
    healthy: () =>
      waitFor(
        'every container is healthy',
        async () => ((await unwell()).length === 0 ? true : undefined),
        healthyWithinMs,
      ).then(() => undefined),
    postgres: { host: '127.0.0.1', port: portOf('postgres', 1) },
    unwell,
    cli: (args) => docker(['compose', 'run', '--rm', '-T', '--no-deps', 'mesh', ...args]),
    startCli(args) {
      const name = `mesh-command-${randomUUID()}`;
      const run = ['compose', 'run', '--rm', '-T', '--no-deps', '--name', name, 'mesh', ...args];
      const ended = docker(run);
      return () => void docker(['kill', name]).then(() => ended);
    },
    token: () => dockerDone(['compose', 'exec', '-T', 'control', 'cat', '/mesh/state/token']),
    logs: (part) => dockerDone(['compose', 'logs', '--no-color', '--no-log-prefix', part]),
    async load(scenario, settings = {}) {
      const variables = Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
      const run = ['compose', 'run', '--rm', '-T', '--no-deps', ...variables, 'k6', scenario];
      const result = await docker(run);
      if (!/^summary /m.test(result.stdout)) return { ...result, directory: undefined };
      const directory = await mkdtemp(path.join(tmpdir(), 'mesh-load-'));
      await dockerDone(['compose', 'cp', 'control:/load-reports/reports/.', directory]);
      return { ...result, directory };
    },
  };
}
