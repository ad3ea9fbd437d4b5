/** Where an audit reads: PostgreSQL as the read-only role, and the broker. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { secretFile } from '@microshop/deploy/consumers';
import { serverAddress } from '@microshop/program-kit/addresses';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { type Address, auditRole, instanceNumber, nativePlacement } from '@microshop/topology';

/** User of the shop at the broker. */
const brokerUser = 'shop';

/**
 * A quorum queue tells its figures every 5 s (`quorum_tick_interval`), and the management plugin collects them every 5 s
 * (`collect_statistics_interval`); a second more for the telling.
 */
export const statisticsLateMs = 11_000;

/** Addresses and passwords; passwords are read when they are needed, for they may be made later. */
export interface AuditSources {
  readonly postgres: Address;
  /** `amqp://user:password@host:port`. */
  amqpUrl(): Promise<string>;
  /** RabbitMQ's management API, `http://host:port`, and its user. */
  readonly managementUrl: string;
  /** How late the management API's statistics are at most, milliseconds. */
  readonly statisticsLateMs: number;
  brokerCredentials(): Promise<{ readonly username: string; readonly password: string }>;
  /** The audit role and its password. */
  databaseCredentials(): Promise<{ readonly user: string; readonly password: string }>;
  /** The password of the cache; no audit reads it, what tells how the servers are does. */
  redisPassword(): Promise<string>;
}

/**
 * The sources of the mesh that the environment names: `MESH_URL_POSTGRES` (`postgres://host:port`), `MESH_URL_AMQP`
 * (`amqp://host:port`) and `MESH_URL_RABBITMQ` (`http://host:port`), with passwords below `MESH_SECRETS_DIR`; else
 * those of native mesh `MESH_INSTANCE`. Throws when a variable holds no address.
 */
export function auditSources(env: NodeJS.ProcessEnv = process.env): AuditSources {
  const instance = instanceNumber(env);
  const placement = nativePlacement({ instance, env });
  const secrets = env['MESH_SECRETS_DIR'];
  const directory = runDirectory(instance).path;
  const password = async (name: 'audit' | 'rabbitmq' | 'redis'): Promise<string> => {
    // in containers each consumer has a volume of its own, and the password in it
    const file =
      secrets === undefined || secrets === ''
        ? secretFile(directory, name)
        : path.join(secrets, name, `${name}-password`);
    return (await readFile(file, 'utf8')).trim();
  };
  const amqp = serverAddress(env, 'MESH_URL_AMQP', 'amqp', placement.rabbitmq.amqp);
  const management = serverAddress(env, 'MESH_URL_RABBITMQ', 'http', placement.rabbitmq.management);
  return {
    postgres: serverAddress(env, 'MESH_URL_POSTGRES', 'postgres', placement.postgres),
    amqpUrl: async () => `amqp://${brokerUser}:${await password('rabbitmq')}@${amqp.host}:${amqp.port}`,
    managementUrl: `http://${management.host}:${management.port}`,
    statisticsLateMs,
    brokerCredentials: async () => ({ username: brokerUser, password: await password('rabbitmq') }),
    databaseCredentials: async () => ({ user: auditRole, password: await password('audit') }),
    redisPassword: () => password('redis'),
  };
}
