/** Configuration of the users service. */
import { loadConfig, serviceConfig } from '@microshop/service-kit';
import type { Static, TObject } from 'typebox';

/** Configuration of the users service. */
export type Config = Static<TObject<typeof serviceConfig>>;

/** Reads it from the environment. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  return loadConfig(serviceConfig, env);
}
