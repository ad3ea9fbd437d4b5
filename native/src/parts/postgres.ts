/** PostgreSQL: one server, a database and a role per service; started from a root shell as another user. */

import { chown, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  databaseRights,
  databases,
  makeDatabase,
  type Role,
  roleRights,
  roles,
  serverDatabasesRights,
} from '@microshop/deploy/databases';
import { clusterArguments, serverSettings } from '@microshop/deploy/settings/postgres';
import { messageOf } from '@microshop/program-kit/errors';
import { Client, type ClientBase, type ClientConfig, escapeIdentifier, escapeLiteral } from 'pg';
import type { Part } from '../supervision/part.ts';
import { run } from '../tools/programs.ts';
import {
  afterPasswords,
  baseEnvironment,
  dataDirectory,
  hostPort,
  type MeshContext,
  readSecret,
  secretFile,
} from './context.ts';
import { postgresImpairments } from './postgres-impairments.ts';

/** The superuser; only the runner knows its password. */
const superuser = 'postgres';

/** Limit of one connection attempt or statement of the runner's own, milliseconds. */
const clientTimeoutMs = 5000;

/** A connection of the superuser to that database of a mesh, to be connected and ended by the caller; it waits for ever unless settings limit that. */
export async function superuserClient(
  mesh: Pick<MeshContext, 'placement' | 'directory'>,
  database: string,
  settings: ClientConfig = {},
): Promise<Client> {
  const client = new Client({
    ...mesh.placement.postgres,
    ...settings,
    user: superuser,
    database,
    password: await readSecret(mesh, superuser),
  });
  // a server that ends meanwhile rejects the query; the event must not end this process
  client.on('error', () => undefined);
  return client;
}

/** The part `postgres`. */
export function postgresPart(mesh: MeshContext): Part {
  const { placement, directory } = mesh;
  const address = placement.postgres;
  const data = dataDirectory(mesh, 'postgres');
  const env = baseEnvironment(mesh);

  const prepare = async () => {
    const bin = path.dirname((await mesh.tool('postgres')).path);
    const account = await postgresAccount(bin);
    await initialise(bin, account, data, secretFile(mesh, superuser), env);
    await ensureOwner(data, account);
    await removeStalePidFile(data);
  };

  const clientOf = (database: string, applicationName: string): Promise<Client> =>
    superuserClient(mesh, database, {
      application_name: applicationName,
      connectionTimeoutMillis: clientTimeoutMs,
      query_timeout: clientTimeoutMs,
    });

  const asSuperuser = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = await clientOf('postgres', 'runner');
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
    dependsOn: afterPasswords(mesh, [superuser, ...roles.map(({ password }) => password)]),
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
    impairments: postgresImpairments(asSuperuser, async (database, applicationName) => {
      const client = await clientOf(database, applicationName);
      await client.connect();
      return client;
    }),
  };
}

/** Makes the data directory when there is none. It is renamed into place whole: an interrupted one is made again from scratch. */
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

/** What goes before the command line of PostgreSQL's programs, and who must own its data directory. */
export interface PostgresAccount {
  readonly prefix: readonly string[];
  /** `undefined`: the user that runs the mesh. */
  readonly owner: number | undefined;
}

/** `nobody`, on Debian and its relatives. */
const nobody = 65_534;

/**
 * Changes to `nobody`, keeping one capability: to pass directories closed to it. PostgreSQL tests its own program
 * with access(2), and for a user who is not root the kernel drops capabilities in that call unless the process is
 * marked with no_setuid_fixup (capabilities(7)); without the mark initdb says "invalid binary". A container's
 * usual set of capabilities has all this takes.
 */
const asNobody: PostgresAccount = {
  prefix: [
    'setpriv',
    `--reuid=${nobody}`,
    `--regid=${nobody}`,
    '--clear-groups',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
    '--securebits=+no_setuid_fixup',
    '--',
  ],
  owner: nobody,
};

/** A user namespace in which root has another number: files stay root's own. Containers often forbid it. */
const inNamespace: PostgresAccount = {
  prefix: ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`, '--'],
  owner: 0,
};

/**
 * How PostgreSQL's programs in `directory` can be run by this user: as they are, or for root through the first way
 * that works here. Both replace themselves by the program, so the pid is the server's. Throws when none does.
 */
export async function postgresAccount(directory: string): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return { prefix: [], owner: undefined };
  const failures: string[] = [];
  for (const account of [asNobody, inNamespace]) {
    const [file = '', ...args] = account.prefix;
    try {
      // --show makes the checks and ends; it writes nothing
      await run(file, [...args, path.join(directory, 'initdb'), '--show', '-D', '/nonexistent']);
      return account;
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  throw new Error(
    `PostgreSQL does not run as root, and neither setpriv nor unshare could start it as another user.\n` +
      `Start the mesh as a normal user, or install util-linux 2.33 or newer.\n${failures.join('\n')}`,
  );
}

/** The password of a role, by the name of the password. */
export type RolePassword = (of: Role['password']) => Promise<string>;

/**
 * Makes each service's database, owned by its role, and the audit role. A role can connect to its own database and
 * to no other, not even `postgres`; the audit role can connect to all of the shop's and read everything there.
 * Idempotent: passwords and rights are set again. `client` is a superuser's connection, outside of a transaction.
 */
export async function ensureRolesAndDatabases(client: ClientBase, passwordOf: RolePassword): Promise<void> {
  for (const role of roles) {
    const name = escapeIdentifier(role.name);
    const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role.name]);
    if (known.rowCount === 0) await client.query(`CREATE ROLE ${name}`);
    const password = await passwordOf(role.password);
    await client.query(`ALTER ROLE ${name} PASSWORD ${escapeLiteral(password)}`);
    for (const statement of roleRights(role)) await client.query(statement);
  }
  for (const database of databases) {
    const known = await client.query('SELECT FROM pg_database WHERE datname = $1', [database.name]);
    if (known.rowCount === 0) await client.query(makeDatabase(database));
    for (const statement of databaseRights(database)) await client.query(statement);
  }
  await client.query(serverDatabasesRights);
}
