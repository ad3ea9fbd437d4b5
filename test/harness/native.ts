/** A mesh of local processes. */
import { execFile, spawn } from 'node:child_process';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { certificateSettings, certificatesDirectory, ensureCertificates } from '@microshop/envoy';
import { materialOf } from '@microshop/envoy/testing/certificates.ts';
import { instanceNumber, nativePlacement, podsOf, portOf, serviceNamed } from '@microshop/topology';
import { databases } from './database.ts';
import type { CommandResult, Mesh } from './driver.ts';
import { publishedAddresses } from './published.ts';
import { waitFor } from './wait.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Time a command of the mesh may take, milliseconds. */
const commandTimeoutMs = 120_000;

/** Time a run of k6 may take, milliseconds; the longest scenario takes two minutes and what follows it. */
const loadTimeoutMs = 300_000;

/** One row of `./mesh status --json`. */
interface PartStatus {
  readonly name: string;
  readonly pid: number | null;
  readonly healthy: boolean;
}

/** The mesh of `MESH_INSTANCE`. */
export function nativeMesh(): Mesh {
  const instance = instanceNumber();

  async function cli(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    timeout = commandTimeoutMs,
  ): Promise<CommandResult> {
    return new Promise((resolve) => {
      const options = {
        cwd: root,
        timeout,
        maxBuffer: 64 * 1024 * 1024,
        env: { ...process.env, ...env },
      };
      execFile('./mesh', [...args], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr });
      });
    });
  }

  async function done(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await cli(args);
    if (code !== 0) throw new Error(`./mesh ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  async function part(name: string): Promise<PartStatus> {
    const { stdout } = await cli(['status', '--json']);
    const status: { parts: PartStatus[] } = JSON.parse(stdout);
    const found = status.parts.find((one) => one.name === name);
    if (found === undefined) throw new Error(`./mesh status shows no part ${name}`);
    return found;
  }

  const failpointFile = (of: string, name: string) =>
    path.join(root, '.mesh', String(instance), 'lab', of, name);

  async function secret(name: string): Promise<string> {
    const file = path.join(root, '.mesh', String(instance), 'secrets', `${name}-password`);
    return (await readFile(file, 'utf8')).trim();
  }

  const directory = path.join(root, '.mesh', String(instance));
  const { client, ...queries } = databases(portOf('postgres', instance), secret);

  return {
    mode: 'native',
    ...publishedAddresses(instance),
    ...queries,
    postgres: { host: '127.0.0.1', port: portOf('postgres', instance) },
    inside: {
      inbound(service) {
        const [pod] = podsOf(nativePlacement({ instance }), service);
        if (pod === undefined) throw new Error(`${service} has no pod`);
        return pod.inbound;
      },
      certificate: (identity) => materialOf(directory, identity),
      async renewCertificates() {
        const certificates = path.join(directory, certificatesDirectory);
        await ensureCertificates({ directory: certificates, ...certificateSettings(), renew: true });
      },
      async locked(service, table, work) {
        const { database } = serviceNamed(service);
        const connection = await client(database.role, database.name);
        await connection.connect();
        try {
          await connection.query('begin');
          await connection.query(`lock table ${connection.escapeIdentifier(table)} in access exclusive mode`);
          return await work();
        } finally {
          await connection.end();
        }
      },
    },
    secret,
    stop: async (name) => void (await done(['stop', name])),
    start: async (name) => void (await done(['start', name])),
    async kill(name) {
      const { pid } = await part(name);
      if (pid === null) throw new Error(`${name} does not run`);
      process.kill(pid, 'SIGKILL');
      await waitFor(
        `${name} has a new process`,
        async () => {
          const now = await part(name);
          return now.pid !== pid && now.pid !== null && now.healthy ? true : undefined;
        },
        30_000,
      );
    },
    cli: (args) => cli(args),
    async unwell() {
      const { stdout } = await cli(['status', '--json']);
      const status: { parts: PartStatus[] } = JSON.parse(stdout);
      return status.parts.filter((part) => !part.healthy).map((part) => part.name);
    },
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
      waitFor(
        'every part is healthy',
        async () => ((await cli(['status'])).code === 0 ? true : undefined),
        60_000,
      ).then(() => undefined),
    startCli(args) {
      const child = spawn('./mesh', [...args], { cwd: root, stdio: 'ignore' });
      return () => child.kill('SIGKILL');
    },
    token: () => readFile(path.join(directory, 'control', 'token'), 'utf8'),
    async logs(name) {
      const file = path.join(directory, 'logs', `${name}.log`);
      // a log that grew too long was moved aside
      const [before, now] = await Promise.all(
        [`${file}.1`, file].map((one) => readFile(one, 'utf8').catch(() => '')),
      );
      return `${before}${now}`;
    },
    async load(scenario, settings = {}) {
      const result = await cli(['load', scenario], settings, loadTimeoutMs);
      const [, directory] = /^summary +(.+)\/summary\.json$/m.exec(result.stdout) ?? [];
      return { ...result, directory };
    },
  };
}
