/** Configuration of a service: its environment, checked against one schema before anything starts. */
import { readFileSync } from 'node:fs';
import { databaseConnections, edgeAuthVariable } from '@microshop/topology';
import { envSchema } from 'env-schema';
import { type Static, type TObject, type TProperties, Type } from 'typebox';

/** What every service reads from its environment. */
export const serviceConfig = {
  HOST: Type.String({
    default: '127.0.0.1',
    description: 'Address to listen on; its sidecar is the only client',
  }),
  PORT: Type.Integer({ default: 3000, minimum: 1, maximum: 65_535 }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info' }),
  DATABASE_URL: Type.String({ minLength: 1, description: 'postgres://role@host:port/database' }),
  DATABASE_PASSWORD_FILE: Type.Optional(
    Type.String({ description: 'File that holds the password of the role' }),
  ),
  [edgeAuthVariable]: Type.Optional(
    Type.Enum(['', '0', '1'], { description: 'Whether the gateway authenticates clients: 1' }),
  ),
  DATABASE_POOL_SIZE: Type.Integer({ default: databaseConnections.work, minimum: 1, maximum: 100 }),
};

/** Further settings of a service that publishes or consumes events. */
export const brokerConfig = {
  AMQP_URL: Type.String({ minLength: 1, description: 'amqp://user@host:port' }),
  AMQP_PASSWORD_FILE: Type.Optional(Type.String({ description: 'File that holds the password of the user' })),
};

/** Further settings of a service that calls others. */
export const peerConfig = {
  MESH_OUTBOUND_URL: Type.Optional(
    Type.String({ minLength: 1, description: 'Outbound listener of the sidecar, http://host:port' }),
  ),
  MESH_PEER_URLS: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Without a sidecar: the address of each peer, users=http://host:port,products=http://host:port',
    }),
  ),
  MESH_BREAKERS_DIR: Type.String({
    minLength: 1,
    description: 'Directory in which the policies of its breakers are put while it runs',
  }),
};

/** Thrown when the environment does not fit a service's schema; the message names the variable. */
export class ConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigError';
  }
}

/** Reads and checks a configuration. Throws {@link ConfigError}. */
export function loadConfig<P extends TProperties>(
  properties: P,
  env: NodeJS.ProcessEnv = process.env,
): Static<TObject<P>> {
  try {
    return envSchema<Static<TObject<P>>>({ schema: Type.Object(properties), data: env, dotenv: false });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      `The environment is not right: ${reason.replaceAll('env/', '').replace(/^env /, '')}`,
      {
        cause: error,
      },
    );
  }
}

/** The address with the password of that file put in; unchanged without a file. Throws {@link ConfigError}. */
export function withPassword(url: string, passwordFile: string | undefined): string {
  if (passwordFile === undefined) return url;
  const withSecret = new URL(url);
  withSecret.password = encodeURIComponent(readSecret(passwordFile));
  return withSecret.href;
}

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(`The password file ${file} cannot be read`, { cause: error });
  }
}
