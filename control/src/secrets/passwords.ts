/**
 * Passwords: made at the first start of a mesh, and kept. The one writer of secrets in both run modes: of a native mesh all in
 * one directory, in containers a directory for each consumer. They are there before the control service listens, and every
 * server that needs one waits for it.
 */

import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  brokerSecret,
  type Consumer,
  cacheSecret,
  consumers,
  type PasswordName,
  passwordFile,
  secretNames,
} from '@microshop/deploy/consumers';
import { brokerSettings } from '@microshop/deploy/settings/rabbitmq';
import { redisSettings } from '@microshop/deploy/settings/redis';
import { hasCode } from '@microshop/program-kit/errors';
import { composePlacement } from '@microshop/topology';

/** The password of that name. */
export type Known = (name: PasswordName) => string;

/** One directory of secrets. */
export interface SecretDirectory {
  readonly path: string;
  /** Passwords in it, each in a file of its own. */
  readonly passwords: readonly PasswordName[];
  /** Further files that hold a password: name and content. */
  readonly settings?: (known: Known) => readonly (readonly [string, string])[];
  /** Id of the group that may read its files, too; absent: only their owner can. */
  readonly group?: number;
}

/**
 * Makes what is missing and leaves the rest: a start after a crash, or with a new consumer, goes on with the same
 * passwords. `chosen` counts only where there is none yet. Throws what the file system throws, for example when a
 * directory is not writable.
 */
export async function makeFiles(
  directories: readonly SecretDirectory[],
  chosen: Readonly<Partial<Record<PasswordName, string>>> = {},
): Promise<void> {
  const passwords = new Map<PasswordName, string>();
  for (const name of new Set(directories.flatMap((directory) => directory.passwords))) {
    passwords.set(name, (await existing(directories, name)) ?? chosen[name] ?? newPassword());
  }
  const known: Known = (name) => passwords.get(name) ?? '';
  for (const { path: into, passwords: names, settings, group } of directories) {
    await mkdir(into, { recursive: true });
    for (const name of names) await keep(path.join(into, passwordFile(name)), known(name), group);
    for (const [name, content] of settings?.(known) ?? []) await keep(path.join(into, name), content, group);
  }
}

/** A new password. Hex needs no quoting in an address, in SQL, or in a configuration file. */
function newPassword(): string {
  return randomBytes(24).toString('hex');
}

/** The password that stands in the first directory that has one: all hold the same. */
async function existing(
  directories: readonly SecretDirectory[],
  name: PasswordName,
): Promise<string | undefined> {
  for (const directory of directories.filter(({ passwords }) => passwords.includes(name))) {
    const text = await contentOf(path.join(directory.path, passwordFile(name)));
    if (text !== undefined && text !== '') return text;
  }
  return undefined;
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Puts the file there with its content and rights, whole or not at all; touches nothing when it is there so. */
async function keep(file: string, content: string, group: number | undefined): Promise<void> {
  const mode = group === undefined ? 0o400 : 0o440;
  const found = await stat(file).catch(() => undefined);
  const rightful =
    found !== undefined && (found.mode & 0o777) === mode && (group === undefined || found.gid === group);
  if (rightful && (await contentOf(file)) === content) return;
  const fresh = `${file}.fresh`;
  await rm(fresh, { force: true });
  const handle = await open(fresh, 'wx', mode);
  try {
    await handle.writeFile(content);
    if (group !== undefined) await chown(fresh, -1, group);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}

/** Options of {@link makeSecrets}. */
export interface SecretOptions {
  /** Directory that holds one directory per consumer. */
  readonly directory: string;
  /** Id of the group that servers are in; this process must be in it, too. Their files stay this user's without it. */
  readonly serverGroup?: number;
  /** Passwords that the operator has chosen; each counts only while there is none yet. */
  readonly chosen?: Readonly<Partial<Record<PasswordName, string>>>;
}

/** Makes what is missing and leaves the rest. Throws what the file system throws. */
export async function makeSecrets({ directory, serverGroup, chosen }: SecretOptions): Promise<void> {
  const directories = consumers.map((consumer) => ({
    path: path.join(directory, consumer.name),
    passwords: consumer.passwords,
    settings: (known: Known) => settingsOf(consumer, known),
    ...(consumer.server && serverGroup !== undefined ? { group: serverGroup } : {}),
  }));
  await makeFiles(directories, chosen);
}

/** Settings of a server that hold its password. */
function settingsOf(consumer: Consumer, known: Known): readonly (readonly [string, string])[] {
  const everywhere = ({ port }: { port: number }) => ({ host: '0.0.0.0', port });
  const { rabbitmq, redis } = composePlacement();
  if (consumer.name === cacheSecret) {
    return [['redis.conf', redisSettings(everywhere(redis), '/data', known(cacheSecret))]];
  }
  if (consumer.name !== brokerSecret) return [];
  const { amqp, management, metrics } = rabbitmq;
  const addresses = {
    amqp: everywhere(amqp),
    management: everywhere(management),
    metrics: everywhere(metrics),
  };
  return [['rabbitmq.conf', brokerSettings(addresses, known(brokerSecret))]];
}

/** Makes what is missing of a native mesh's passwords in that directory, and leaves the rest. Throws what the file system throws. */
export async function makeNativeSecrets(directory: string): Promise<void> {
  await makeFiles([{ path: directory, passwords: secretNames }]);
}
