/** Where PostgreSQL and Redis are asked how they are. */

import { serverAddress } from '@microshop/program-kit/addresses';
import { type Address, instanceNumber, nativePlacement } from '@microshop/topology';
import { auditSources } from '../audit/sources.ts';

/** Addresses, and the passwords of the read-only role and of the cache, read when they are needed: they may be made later. */
export interface ServerSources {
  readonly postgres: Address;
  readonly redis: Address;
  auditPassword(): Promise<string>;
  redisPassword(): Promise<string>;
}

/**
 * The servers of the mesh that the environment names: `MESH_URL_POSTGRES` (`postgres://host:port`) and `MESH_URL_REDIS`
 * (`redis://host:port`) with the passwords below `MESH_SECRETS_DIR`; else those of native mesh `MESH_INSTANCE`. Throws
 * when a variable holds no address.
 */
export function serverSources(env: NodeJS.ProcessEnv = process.env): ServerSources {
  const { postgres, databaseCredentials, redisPassword } = auditSources(env);
  const { redis } = nativePlacement({ instance: instanceNumber(env), env });
  return {
    postgres,
    redis: serverAddress(env, 'MESH_URL_REDIS', 'redis', redis),
    auditPassword: async () => (await databaseCredentials()).password,
    redisPassword,
  };
}
