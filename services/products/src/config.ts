/** Configuration of the products service. */
import { brokerConfig, loadConfig, serviceConfig } from '@microshop/service-kit';
import { type Static, type TObject, Type } from 'typebox';

const properties = {
  ...serviceConfig,
  ...brokerConfig,
  REDIS_URL: Type.String({ minLength: 1, description: 'redis://host:port' }),
  REDIS_PASSWORD_FILE: Type.Optional(Type.String({ description: 'File that holds the password of Redis' })),
};

/** Configuration of the products service. */
export type Config = Static<TObject<typeof properties>>;

/** Reads it from the environment. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  return loadConfig(properties, env);
}
