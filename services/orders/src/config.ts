/** Configuration of the orders service. */
import { brokerConfig, loadConfig, serviceConfig } from '@microshop/service-kit';
import { type Static, type TObject, Type } from 'typebox';

const properties = {
  ...serviceConfig,
  ...brokerConfig,
  MESH_OUTBOUND_URL: Type.String({
    minLength: 1,
    description: 'Outbound listener of the sidecar, http://host:port',
  }),
  MESH_BREAKERS_DIR: Type.String({
    minLength: 1,
    description: 'Directory in which the policies of its breakers are put while it runs',
  }),
};

/** Configuration of the orders service. */
export type Config = Static<TObject<typeof properties>>;

/** Reads it from the environment. */
export function ordersConfig(env: NodeJS.ProcessEnv = process.env): Config {
  return loadConfig(properties, env);
}
