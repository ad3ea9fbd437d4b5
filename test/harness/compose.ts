/** A mesh in containers. Which project, and its ports, say the environment variables of compose and `MESH_PORT_…`. */
import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { authorityFile, identityFiles } from '@microshop/envoy';
import { keyPair } from '@microshop/envoy/testing/certificates.ts';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { composePlacement, portOf } from '@microshop/topology';
import { runMesh, startMesh } from './command.ts';
import { commandsInContainer } from './compose-command.ts';
import { databases } from './database.ts';
import { allContainers, containerOf, docker, dockerDone, inContainer, isWell, logOf } from './docker.ts';
import type { Inside, Mesh } from './driver.ts';
import { publishedAddresses } from './published.ts';
import { startRelay } from './relay.ts';

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

/** Runs in the container of the control service, with its environment: renews every certificate. */
const renewal = `
  import { certificateSettings, ensureCertificates } from '@microshop/envoy';
  const directory = process.env.MESH_CERTIFICATES_DIR;
  await ensureCertificates({ directory, ...certificateSettings(), renew: true });`;

/** What stands in a file of the control service. */
const inControl = (file: string) => inContainer('control', 'cat', file);

/** Certificates come from the control service, which holds all of them; connections go through a relay. */
async function openInside(): Promise<Inside> {
  const { pods } = composePlacement();
  const relay = await startRelay(pods.map((pod) => pod.inbound));
  return {
    inbound(service) {
      const address = relay.addresses[pods.findIndex((pod) => pod.service === service)];
      if (address === undefined) throw new Error(`${service} has no pod`);
      return address;
    },
    async certificate(identity) {
      const files = identityFiles('/certificates', identity);
      const [own, ca] = await Promise.all([files.identity, files.trust].map(inControl));
      if (own === undefined || ca === undefined) throw new Error(`${identity} has no certificate`);
      return { cert: own, key: own, ca };
    },
    authority: async () => keyPair(await inControl(authorityFile('/certificates'))),
    async renewCertificates() {
      await inContainer('control', 'node', '--input-type=module', '--eval', renewal);
    },
    close: () => relay.close(),
  };
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
    const password = await inControl(`/secrets/${name}/${name}-password`);
    passwords.set(name, password);
    return password;
  }

  return {
    mode: 'compose',
    ...publishedAddresses(1),
    ...databases(portOf('postgres', 1), secret),
    secret,
    inside: openInside,
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
