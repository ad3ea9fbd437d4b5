/** Which mesh a command is about, from the environment. */

import { type SupervisorClient, supervisorClient } from '@microshop/native/supervision/supervisor-client';
import { messageOf } from '@microshop/program-kit/errors';
import { type RunDirectory, runDirectory } from '@microshop/program-kit/run-directory';
import type { Replicas } from '@microshop/topology';
import { instanceNumber, nativePlacement, type Placement } from '@microshop/topology';
import { UsageError } from '../output/errors.ts';

/** The mesh of `MESH_INSTANCE`. */
export interface MeshSettings {
  readonly instance: number;
  readonly directory: RunDirectory;
  readonly client: SupervisorClient;
  /** Where everything is, by `MESH_INSTANCE` and `MESH_PORT_…`. */
  placement(replicas?: Replicas): Placement;
}

/** Runs what reads the environment: a wrong variable is wrong usage, not a defect. */
export function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

/**
 * Reads the environment. Throws `UsageError` when `MESH_INSTANCE` is no number from 1 to 9 or a `MESH_PORT_…` is no port,
 * also for a command that has no use for it: who set it believes that it counts.
 */
export function meshSettings(): MeshSettings {
  const instance = asUsage(() => instanceNumber());
  const directory = runDirectory(instance);
  const placement = (replicas: Replicas = {}) => asUsage(() => nativePlacement({ instance, replicas }));
  placement();
  return {
    instance,
    directory,
    client: supervisorClient(directory),
    placement,
  };
}
