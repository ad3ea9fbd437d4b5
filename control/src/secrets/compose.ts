/**
 * Passwords of a mesh in containers: a directory for each consumer. The control service makes them before it listens, and
 * every server that needs one waits until it is healthy.
 */
import path from 'node:path';
import {
  brokerSecret,
  type Consumer,
  cacheSecret,
  consumers,
  type PasswordName,
} from '@microshop/deploy/consumers';
import { brokerSettings } from '@microshop/deploy/settings/rabbitmq';
import { redisSettings } from '@microshop/deploy/settings/redis';
import { composePlacement } from '@microshop/topology';
import { type Known, makeFiles } from './make.ts';

/** Options of {@link makeSecrets}. */
export interface SecretOptions {
  /** Directory that holds one directory per consumer. */
  readonly directory: string;
  /** Id of the group that servers are in; this process must be in it, too. Their files stay this user's without it. */
  readonly serverGroup?: number;
  /** Passwords that somebody has chosen; they count only where there is none yet. */
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
