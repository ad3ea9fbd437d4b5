/** Which mesh a control service is of, from its environment. */

import { appsDirectory, controlStateDirectory, runDirectory } from '@microshop/program-kit/run-directory';
import {
  composePlacement,
  dynamicDirectory,
  instanceNumber,
  nativePlacement,
  type Placement,
  parseReplicas,
} from '@microshop/topology';
import type { ChangeDirectories } from './apply.ts';

/** The placement: compose's with `MESH_MODE=compose`, else that of native mesh `MESH_INSTANCE` with `MESH_REPLICAS`. */
export function placementOf(env: NodeJS.ProcessEnv): Placement {
  if (env['MESH_MODE'] === 'compose') return composePlacement();
  const replicas = parseReplicas(JSON.parse(env['MESH_REPLICAS'] ?? '{}'));
  return nativePlacement({ instance: instanceNumber(env), replicas, env });
}

/** `MESH_STATE_DIR`, else that of the native mesh. */
export function stateDirectory(env: NodeJS.ProcessEnv): string {
  return env['MESH_STATE_DIR'] ?? `${runDirectory(instanceNumber(env)).path}/${controlStateDirectory}`;
}

/**
 * Where changes are kept, and where Envoys and apps see them: `MESH_STATE_DIR`, `MESH_ENVOY_DIR` and `MESH_APPS_DIR`, else
 * the native mesh's.
 */
export function changeDirectories(env: NodeJS.ProcessEnv): ChangeDirectories {
  const { path } = runDirectory(instanceNumber(env));
  return {
    state: stateDirectory(env),
    envoy: env['MESH_ENVOY_DIR'] ?? `${path}/${dynamicDirectory}`,
    apps: env['MESH_APPS_DIR'] ?? `${path}/${appsDirectory}`,
  };
}
