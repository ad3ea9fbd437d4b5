/** PostgreSQL: one server, a database and a role per service. */
import { chown, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { secretFile } from '@microshop/deploy/consumers';
import { clusterArguments, serverSettings } from '@microshop/deploy/settings/postgres';
import { Client } from 'pg';
import type { Part } from '../supervision/part.ts';
import { run } from '../tools/run.ts';
import { hostPort } from './bound-ports.ts';
import { baseEnvironment, dataDirectory, type MeshContext, readSecret } from './context.ts';
import { type PostgresAccount, postgresAccount } from './postgres-account.ts';
import { ensureRolesAndDatabases } from './postgres-roles.ts';

/** The superuser; only the runner knows its password. */
const superuser = 'postgres';

/** Limit of one connection attempt or statement of the runner's own, milliseconds. */
const clientTimeoutMs = 5000;

/** The part `postgres`. */
export function postgresPart(mesh: MeshContext): Part {
  const { placement, directory } = mesh;
  const address = placement.postgres;
  const data = dataDirectory(mesh, 'postgres');
  const env = baseEnvironment(mesh);

  const prepare = async () => {
    const bin = path.dirname((await mesh.tool('postgres')).path);
    const account = await postgresAccount(bin);
    await initialise(bin, account, data, secretFile(directory, superuser), env);
    await ensureOwner(data, account);
    await removeStalePidFile(data);
  };

  const asSuperuser = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({
      ...address,
      user: superuser,
      database: 'postgres',
      password: await readSecret(mesh, superuser),
      connectionTimeoutMillis: clientTimeoutMs,
      query_timeout: clientTimeoutMs,
    });
    // a server that ends meanwhile rejects the query; the event must not end this process
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  };

  return {
    name: 'postgres',
    kind: 'server',
    dependsOn: ['control'],
    ports: [hostPort(address, 'postgres')],
    prepare,
    process: async () => {
      const program = (await mesh.tool('postgres')).path;
      const { prefix } = await postgresAccount(path.dirname(program));
      const settings = {
        listen_addresses: address.host,
        port: address.port,
        // TCP only: a socket's path may be too long for the kernel (107 bytes) below a deep checkout
        unix_socket_directories: '',
        log_timezone: 'UTC',
        timezone: 'UTC',
        ...serverSettings,
      };
      const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      const [file = program, ...args] = [...prefix, program, '-D', data, ...options];
      return { file, args, env, cwd: directory };
    },
    healthy: async () => {
      const answer = await asSuperuser((client) => client.query('SELECT 1 AS one'));
      return answer.rowCount === 1;
    },
    afterHealthy: () =>
      asSuperuser((client) => ensureRolesAndDatabases(client, (name) => readSecret(mesh, name))),
    // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave
    stopSignal: 'SIGINT',
    stopTimeoutMs: 15_000,
  };
}

/** Makes the data directory when there is none. It is renamed into place whole: an interrupted one is begun anew. */
async function initialise(
  bin: string,
  account: PostgresAccount,
  data: string,
  passwordFile: string,
  env: Record<string, string>,
): Promise<void> {
  const major = await readFile(path.join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (major !== undefined) return;
  const unfinished = `${data}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  if (account.owner !== undefined) await chown(unfinished, account.owner, account.owner);
  const settings = ['--auth=scram-sha-256', ...clusterArguments];
  const owner = ['-U', superuser, `--pwfile=${passwordFile}`];
  const command = [path.join(bin, 'initdb'), '-D', unfinished, ...owner, ...settings, '--data-checksums'];
  const [file = '', ...args] = [...account.prefix, ...command];
  await run(file, args, { env });
  await rename(unfinished, data);
}

/** Gives the data directory to the account: the mesh may have run as another user, or in the other way, before. */
async function ensureOwner(data: string, account: PostgresAccount): Promise<void> {
  if (account.owner === undefined || (await stat(data)).uid === account.owner) return;
  await run('chown', ['-R', `${account.owner}:${account.owner}`, data]);
}

/**
 * Removes the pid file of a server that was killed when its number now belongs to another program: PostgreSQL only
 * asks whether the pid is alive, and would refuse to start.
 */
async function removeStalePidFile(data: string): Promise<void> {
  const file = path.join(data, 'postmaster.pid');
  const pid = (await readFile(file, 'utf8').catch(() => '')).split('\n')[0] ?? '';
  if (pid === '') return;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (!command.split('\0').includes(data)) await rm(file, { force: true });
}
