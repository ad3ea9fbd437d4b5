/** A mesh in containers. Which project, and its ports, say the environment variables of compose and `MESH_PORT_…`. */
import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { signingKeysFile } from '@microshop/deploy/consumers';
import { gatewayTrustFile } from '@microshop/program-kit/gateway-trust';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { portOf, publicKeys } from '@microshop/topology';
import { runMesh, startMesh } from './command.ts';
import { commandsInContainer } from './compose-command.ts';
import { databases } from './database.ts';
import {
  allContainers,
  containerName,
  containerOf,
  docker,
  dockerDone,
  inContainer,
  isWell,
  logOf,
} from './docker.ts';
import type { Mesh } from './driver.ts';
import { publishedAddresses } from './published.ts';

/** Time a part may take to become healthy, milliseconds. */
const healthyWithinMs = 180_000;

/** Pause between two questions to the engine, milliseconds: each is a process. */
const pauseMs = 200;

async function whenWell(part: string, besidesPid: number): Promise<void> {
  await eventuallyDespiteErrors(
    `${part} is healthy`,
    async () => {
      const container = await containerOf(part);
      return isWell(container) && container.State.Pid !== besidesPid ? true : undefined;
    },
    healthyWithinMs,
    pauseMs,
  );
}

/** Runs `./mesh` about the containers, whatever else runs on this machine. */
const hostCli = (args: readonly string[]) => runMesh([...args, '--compose']);

/** Ends the process of a part as a crash would; its pid. */
async function crash(part: string): Promise<number> {
  const { Pid } = (await containerOf(part)).State;
  const { code, stdout, stderr } = await hostCli(['fault', 'process', part, '--kill']);
  if (code !== 0) throw new Error(`${part} cannot be killed: ${stdout}${stderr}`);
  return Pid;
}

/** What stands in a file of the control service. */
const inControl = (file: string) => inContainer('control', 'cat', file);

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
    const password = await inControl(`/secrets/${name}/${name}-password`);
    passwords.set(name, password);
    return password;
  }

  return {
    mode: 'compose',
    gatewayTrust: () => inControl(gatewayTrustFile('/certificates')),
    ...publishedAddresses(1),
    ...databases(portOf('postgres', 1), secret),
    secret,
    signingKeys: () => inControl(`/secrets/${publicKeys.service}/${signingKeysFile}`),
    // loaded only here: it brings all that writes configuration of Envoys, and most files never look inside
    inside: async () => await (await import('./compose-inside.ts')).composeInside(),
    // not by compose, which reads the whole project first: `test/compose/recovery.test.ts` types that
    stop: async (part) => void (await dockerDone(['stop', containerName(part)])),
    async start(part) {
      await dockerDone(['start', containerName(part)]);
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
    rabbitmqctl: async (args) => void (await inContainer('rabbitmq', 'rabbitmqctl', ...args)),
    healthy: () =>
      eventuallyDespiteErrors(
        'every container is healthy',
        async () => ((await unwell()).length === 0 ? true : undefined),
        healthyWithinMs,
        pauseMs,
      ).then(() => undefined),
    postgres: { host: '127.0.0.1', port: portOf('postgres', 1) },
    unwell,
    cli: commandsInContainer(),
    hostCli,
    startHostCli: (args) => startMesh([...args, '--compose']),
    startCli(args) {
      const name = `mesh-command-${randomUUID()}`;
      const run = ['compose', 'run', '--rm', '-T', '--no-deps', '--name', name, 'mesh', ...args];
      const ended = docker(run);
      return () => void docker(['kill', name]).then(() => ended);
    },
    token: () => inControl('/mesh/state/token'),
    logs: logOf,
    async load(scenario, settings = {}) {
      const variables = Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
      const run = ['compose', 'run', '--rm', '-T', '--no-deps', ...variables, 'k6', scenario];
      const result = await docker(run);
      const [, kept] = /^summary +(\S+)\/summary\.json$/m.exec(result.stdout) ?? [];
      if (kept === undefined) return { ...result, directory: undefined };
      const directory = await mkdtemp(path.join(tmpdir(), 'mesh-load-'));
      await dockerDone(['compose', 'cp', `control:${kept}/.`, directory]);
      return { ...result, directory };
    },
  };
}
