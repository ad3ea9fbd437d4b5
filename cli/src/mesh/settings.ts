/** Which mesh a command is about and where it is: by the environment; on the host, local processes or containers. */
import { type SupervisorClient, supervisorClient } from '@microshop/native/supervision/supervisor-client';
import { messageOf } from '@microshop/program-kit/errors';
import { type RunDirectory, runDirectory } from '@microshop/program-kit/run-directory';
import {
  composePlacement,
  instanceNumber,
  nativePlacement,
  type Placement,
  portOf,
  type Replicas,
  publishedUrls as readPublishedUrls,
} from '@microshop/topology';
import { composeRuns } from '../compose/project.ts';
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
 * Reads the environment; of the mesh of another number where one is given. Throws `UsageError` when `MESH_INSTANCE` is no number from 1 to 9 or a `MESH_PORT_…` is no port,
 * also for a command that does not use it: it was set in order to matter.
 */
export function meshSettings(instance = asUsage(() => instanceNumber())): MeshSettings {
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

/** Addresses by what they are. Throws `UsageError` for a port that is none. */
export function publishedUrls(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return asUsage(() => readPublishedUrls(env));
}

/** Jaeger's page of a trace, for a browser on the host. */
export function jaegerPage(traceId: string, env: NodeJS.ProcessEnv = process.env): string {
  return `http://127.0.0.1:${asUsage(() => portOf('jaeger', 1, env))}/trace/${traceId}`;
}

/** The flag that names the containers, whatever else runs. */
export const composeFlag = {
  name: '--compose',
  description: 'use the containers of this checkout’s compose project, even when mesh 1 runs',
} as const;

/** What is known when a command begins. */
export interface Meant {
  /** Whether the flag was given. */
  readonly compose: boolean | undefined;
  readonly instance: number;
  /** Whether the native mesh of that number has a runner. */
  readonly runs: boolean;
}

/**
 * Whether the containers are meant. In compose the mesh stands where mesh 1 would: it has its ports. So they are meant when
 * mesh 1 is asked for, does not run here, and the project does; and with the flag, always.
 */
export async function meansContainers(
  { compose, instance, runs }: Meant,
  projectRuns: () => Promise<boolean> = composeRuns,
): Promise<boolean> {
  if (compose === true) return true;
  return instance === composePlacement().instance && !runs && (await projectRuns());
}

/** The same for a command with these settings. */
export async function containersMeant(
  options: { readonly compose?: boolean },
  { instance, client }: MeshSettings,
): Promise<boolean> {
  return await meansContainers({
    compose: options.compose,
    instance,
    runs: client.holder() !== undefined,
  });
}
