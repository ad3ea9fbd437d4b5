/** Which mesh a command on the host is about that reaches into processes or their logs: local processes, or containers. */
import { composePlacement } from '@microshop/topology';
import { composeRuns } from '../compose/project.ts';
import type { MeshSettings } from './settings.ts';

/** The flag that names the containers, whatever else runs. */
export const composeFlag = {
  name: '--compose',
  description: 'mean the containers of this checkout’s compose project, also when mesh 1 runs',
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
