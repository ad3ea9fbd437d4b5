/** Configuration of the users service. */
import { loadConfig, serviceConfig } from '@microshop/service-kit';
import { type Static, type TObject, Type } from 'typebox';

const properties = {
  ...serviceConfig,
  SIGNING_KEYS_FILE: Type.Optional(
    Type.String({ description: 'File of the keys that sign tokens; read where clients are authenticated' }),
  ),
};

/** Configuration of the users service. */
export type Config = Static<TObject<typeof properties>>;

/** Reads it from the environment. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  return loadConfig(properties, env);
}
