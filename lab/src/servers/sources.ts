/** Where PostgreSQL and Redis are asked how they are. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Address, instanceNumber, nativePlacement } from '@microshop/topology';
import { serverAddress } from '../addresses.ts';
import { secretFile } from '../parts/secrets.ts';
import { runDirectory } from '../runner/run-directory.ts';

/** Addresses, and the password of the read-only role; it is read when it is needed, for it may be made later. */
export interface ServerSources {
  readonly postgres: Address;
  readonly redis: Address;
  auditPassword(): Promise<string>;
}

/**
 * The servers of the mesh that the environment names: `MESH_URL_POSTGRES` (`postgres://host:port`) and `MESH_URL_REDIS`
 * (`redis://host:port`) with the password below `MESH_SECRETS_DIR`; else those of native mesh `MESH_INSTANCE`. Throws
 * when a variable holds no address.
 */
export function serverSources(env: NodeJS.ProcessEnv = process.env): ServerSources {
  const instance = instanceNumber(env);
  const placement = nativePlacement({ instance, env });
  const secrets = env['MESH_SECRETS_DIR'];
  const file =
    secrets === undefined || secrets === ''
      ? secretFile(runDirectory(instance).path, 'audit')
      : path.join(secrets, 'audit', 'audit-password');
  return {
    postgres: serverAddress(env, 'MESH_URL_POSTGRES', 'postgres', placement.postgres),
    redis: serverAddress(env, 'MESH_URL_REDIS', 'redis', placement.redis),
    auditPassword: async () => (await readFile(file, 'utf8')).trim(),
  };
}
