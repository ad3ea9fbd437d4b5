/**
 * Makes the passwords of a mesh in containers, at its first start. The control service does it before it listens, and
 * every server that needs one waits until it is healthy.
 */
import { chown, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  brokerSecret,
  type Consumer,
  cacheSecret,
  consumers,
  type PasswordName,
  passwordFile,
} from '@microshop/deploy/consumers';
import { brokerSettings } from '@microshop/deploy/settings/rabbitmq';
import { redisSettings } from '@microshop/deploy/settings/redis';
import { hasCode } from '@microshop/program-kit/errors';
import { composePlacement } from '@microshop/topology';
import { newPassword } from './native.ts';

/** Options of {@link makeSecrets}. */
export interface SecretOptions {
  /** Directory that holds one directory per consumer. */
  readonly directory: string;
  /** Id of the group that servers are in; this process must be in it, too. Their files stay this user's without it. */
  readonly serverGroup?: number;
  /** Passwords that somebody has chosen; they count only where there is none yet. */
  readonly chosen?: Readonly<Partial<Record<PasswordName, string>>>;
}

/**
 * Makes what is missing and leaves the rest: a start after a crash, or with a new consumer, goes on with the same
 * passwords. Throws what the file system throws, for example when a directory is not writable.
 */
export async function makeSecrets({ directory, serverGroup, chosen = {} }: SecretOptions): Promise<void> {
  const names = [...new Set(consumers.flatMap(({ passwords }) => passwords))];
  const known = new Map<PasswordName, string>();
  for (const name of names) {
    known.set(name, (await existing(directory, name)) ?? chosen[name] ?? newPassword());
  }
  for (const consumer of consumers) {
    const into = path.join(directory, consumer.name);
    await mkdir(into, { recursive: true });
    for (const [name, content] of filesOf(consumer, known)) {
      await keep(path.join(into, name), content, consumer.server ? serverGroup : undefined);
    }
  }
}

function filesOf(consumer: Consumer, known: ReadonlyMap<PasswordName, string>): [string, string][] {
  const files = consumer.passwords.map((name): [string, string] => [
    passwordFile(name),
    known.get(name) ?? '',
  ]);
  const everywhere = ({ port }: { port: number }) => ({ host: '0.0.0.0', port });
  const { rabbitmq, redis } = composePlacement();
  if (consumer.name === cacheSecret) {
    const settings = redisSettings(everywhere(redis), '/data', known.get(cacheSecret) ?? '');
    return [...files, ['redis.conf', settings]];
  }
  if (consumer.name !== brokerSecret) return files;
  const { amqp, management, metrics } = rabbitmq;
  const addresses = {
    amqp: everywhere(amqp),
    management: everywhere(management),
    metrics: everywhere(metrics),
  };
  return [...files, ['rabbitmq.conf', brokerSettings(addresses, known.get(brokerSecret) ?? '')]];
}

/** A password as any consumer has it: all have the same. */
async function existing(directory: string, name: PasswordName): Promise<string | undefined> {
  for (const consumer of consumers.filter(({ passwords }) => passwords.includes(name))) {
    const text = await contentOf(path.join(directory, consumer.name, passwordFile(name)));
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
