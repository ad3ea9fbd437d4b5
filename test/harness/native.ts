/** A mesh of local processes. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { signingKeysFile } from '@microshop/deploy/consumers';
import { supervisorClient } from '@microshop/native/supervision/supervisor-client';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { gatewayTrustFile } from '@microshop/program-kit/gateway-trust';
import { controlFiles, logFile, runDirectory } from '@microshop/program-kit/run-directory';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { instanceNumber, portOf } from '@microshop/topology';
import { runMesh, startMesh } from './command.ts';
import { databases } from './database.ts';
import type { Mesh } from './driver.ts';
import { publishedAddresses } from './published.ts';

/** Time a run of k6 may take, milliseconds; the longest scenario takes two minutes and what follows it. */
const loadTimeoutMs = 300_000;

/** Time a part may take to become healthy, milliseconds. */
const healthyWithinMs = 120_000;

/** Pause between two polls of the supervisor, milliseconds: for each it checks the health of every part. */
const pauseMs = 200;

/** The mesh of `MESH_INSTANCE`. */
export async function nativeMesh(): Promise<Mesh> {
  const instance = instanceNumber();
  const directory = runDirectory(instance);
  // asked as the command asks it: a process for every poll costs a second of CPU
  const supervisor = supervisorClient(directory);
  const published = publishedAddresses(instance);
  // whether it authenticates clients is known to who started it, and need not stand in the environment of a test as well
  const gateway = (await supervisor.place())?.urls['gateway'] ?? published.gateway;

  async function status(): Promise<MeshStatus> {
    const found = await supervisor.status();
    if (found === undefined) throw new Error(`Mesh ${instance} does not run`);
    return found;
  }

  async function part(name: string): Promise<MeshStatus['parts'][number]> {
    const found = (await status()).parts.find((one) => one.name === name);
    if (found === undefined) throw new Error(`Mesh ${instance} has no part ${name}`);
    return found;
  }

  const failpointFile = (of: string, name: string) => path.join(directory.failpoints, of, name);

  async function secret(name: string): Promise<string> {
    return (await readFile(path.join(directory.secrets, `${name}-password`), 'utf8')).trim();
  }

  return {
    mode: 'native',
    gatewayTrust: () => readFile(gatewayTrustFile(directory.certificates), 'utf8'),
    ...published,
    gateway,
    ...databases(portOf('postgres', instance), secret),
    postgres: { host: '127.0.0.1', port: portOf('postgres', instance) },
    // loaded only here: it brings all that writes configuration of Envoys, and most files never look inside
    inside: async () => (await import('./native-inside.ts')).nativeInside(instance),
    secret,
    signingKeys: () => readFile(path.join(directory.secrets, signingKeysFile), 'utf8'),
    stop: async (name) => void (await supervisor.act('stop', name)),
    start: async (name) => void (await supervisor.act('start', name)),
    async kill(name) {
      const { pid } = await part(name);
      if (pid === null) throw new Error(`${name} does not run`);
      process.kill(pid, 'SIGKILL');
      await eventuallyDespiteErrors(
        `${name} has a new process`,
        async () => {
          const now = await part(name);
          return now.pid !== pid && now.pid !== null && now.healthy ? true : undefined;
        },
        healthyWithinMs,
        pauseMs,
      );
    },
    cli: (args, input) => runMesh(args, {}, undefined, input),
    startCli: startMesh,
    hostCli: (args) => runMesh(args),
    startHostCli: startMesh,
    async rabbitmqctl(args) {
      const data = path.join(directory.data, 'rabbitmq');
      // where the cookie, the name and the port mapper of this mesh's broker are
      const env = {
        ...process.env,
        HOME: data,
        RABBITMQ_NODENAME: `mesh${instance}@localhost`,
        RABBITMQ_CONF_ENV_FILE: '/dev/null',
        ERL_EPMD_PORT: String(portOf('epmd', instance)),
      };
      await promisify(execFile)('/usr/lib/rabbitmq/bin/rabbitmqctl', [...args], { env, cwd: data });
    },
    unwell: async () => (await status()).parts.filter(({ healthy }) => !healthy).map(({ name }) => name),
    async killNow(name) {
      const { pid } = await part(name);
      if (pid !== null) process.kill(pid, 'SIGKILL');
    },
    async failpoint(of, name, action) {
      const file = failpointFile(of, name);
      if (action === 'off') return await rm(file, { force: true });
      await mkdir(path.dirname(file), { recursive: true });
      // renamed into place, so that it is never read half written
      await writeFile(`${file}.new`, action);
      await rename(`${file}.new`, file);
    },
    armed: (of, name) =>
      access(failpointFile(of, name)).then(
        () => true,
        () => false,
      ),
    healthy: () =>
      eventuallyDespiteErrors(
        'every part is healthy',
        async () => (await status()).healthy,
        healthyWithinMs,
        pauseMs,
      ).then(() => undefined),
    token: () => readFile(path.join(directory.changes, controlFiles.token), 'utf8'),
    async logs(name) {
      const file = logFile(directory, name);
      // a log that grew too long was moved aside
      const [before, now] = await Promise.all(
        [`${file}.1`, file].map((one) => readFile(one, 'utf8').catch(() => '')),
      );
      return `${before}${now}`;
    },
    async load(scenario, settings = {}) {
      const runs = () => readdir(directory.loads).catch((): string[] => []);
      const before = await runs();
      const result = await runMesh(['load', scenario], settings, loadTimeoutMs);
      const made = (await runs()).filter((run) => !before.includes(run));
      // a run that k6 refused has a directory, and no summary in it
      const kept = made.map((run) => path.join(directory.loads, run));
      return { ...result, directory: kept.find((run) => existsSync(path.join(run, 'summary.json'))) };
    },
  };
}
