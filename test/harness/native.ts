/** A mesh of local processes. */
import { execFile } from 'node:child_process';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { instanceNumber, type PortName, portOf } from '@microshop/topology';
import pg from 'pg';
import type { CommandResult, Mesh } from './driver.ts';
import { waitFor } from './wait.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Time a command of the mesh may take, milliseconds. */
const commandTimeoutMs = 120_000;

/** One row of `./mesh status --json`. */
interface PartStatus {
  readonly name: string;
  readonly pid: number | null;
  readonly healthy: boolean;
}

/** The mesh of `MESH_INSTANCE`. */
export function nativeMesh(): Mesh {
  const instance = instanceNumber();
  const url = (port: PortName) => `http://127.0.0.1:${portOf(port, instance)}`;

  async function cli(args: readonly string[]): Promise<CommandResult> {
    return new Promise((resolve) => {
      const options = { cwd: root, timeout: commandTimeoutMs, maxBuffer: 64 * 1024 * 1024 };
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

  async function client(role: string, database: string): Promise<pg.Client> {
    const password = await secret(role);
    return new pg.Client({
      host: '127.0.0.1',
      port: portOf('postgres', instance),
      user: role,
      password,
      database,
    });
  }

  return {
    mode: 'native',
    gateway: url('gateway'),
    jaeger: url('jaeger'),
    control: url('control'),
    postgres: { host: '127.0.0.1', port: portOf('postgres', instance) },
    amqp: `amqp://127.0.0.1:${portOf('rabbitmq', instance)}`,
    secret,
    prometheus: url('prometheus'),
    admin(of) {
      const name = [`${of}_admin`].find((one): one is PortName =>
        ['gateway_admin', 'users_admin', 'products_admin', 'orders_admin'].includes(one),
      );
      if (name === undefined) throw new Error(`There is no Envoy called ${of}`);
      return url(name);
    },
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
    cli,
    async sql(database, text, params = []) {
      const connection = await client('audit', database);
      await connection.connect();
      try {
        return (await connection.query(text, [...params])).rows;
      } finally {
        await connection.end();
      }
    },
    async connectAs(role, database) {
      const connection = await client(role, database);
      try {
        await connection.connect();
        return 'connected';
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.code !== undefined) return error.code;
        throw error;
      } finally {
        await connection.end();
      }
    },
  };
}
