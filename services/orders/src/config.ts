/** Configuration of the orders service. */
import { brokerConfig, loadConfig, peerConfig, serviceConfig } from '@microshop/service-kit';
import type { Static, TObject } from 'typebox';

const properties = { ...serviceConfig, ...brokerConfig, ...peerConfig };

/** Configuration of the orders service. */
export type Config = Static<TObject<typeof properties>>;

/** Reads it from the environment. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  return loadConfig(properties, env);
}
