/** A mesh for the work where none runs: started before it, and taken down after it. */
import { notRunningHere } from '@microshop/cli/mesh/running-mesh';
import { type MeshSettings, meshSettings } from '@microshop/cli/mesh/settings';
import { progress } from '@microshop/cli/output/output';
import { bringDown } from '@microshop/native/supervision/bring-down';
import { startDaemon } from '@microshop/native/supervision/daemon';
import { partsWithoutTools } from '@microshop/native/supervision/mesh';
import { NotRunningError } from '@microshop/native/supervision/supervisor-client';
import { inContainers } from '@microshop/program-kit/typed-here';
import { untilHealthy } from '../bench/mesh/healthy.ts';

/**
 * Runs the work on the mesh of `MESH_INSTANCE`. One that runs stays; where none does, one is started, and taken down
 * whatever becomes of the work; its data stays. Where something else stands in its place (containers, what a killed runner
 * left), the work itself says so. Throws what a start throws.
 */
export async function withMesh<T>(interrupted: AbortSignal, work: () => Promise<T>): Promise<T> {
  const settings = meshSettings();
  if (!(await isAbsent(settings))) return await work();
  const { client, directory, instance, placement } = settings;
  try {
    progress(`Mesh ${instance} does not run: it is started for this, and taken down afterwards`);
    await startDaemon({ directory, replicas: {}, report: () => undefined, signal: interrupted });
    await untilHealthy(client, interrupted);
    return await work();
  } finally {
    await bringDown({ directory, makeParts: () => partsWithoutTools(placement()), onLine: progress });
  }
}

/** Whether no mesh of that number runs, and nothing is in its place. */
async function isAbsent(settings: MeshSettings): Promise<boolean> {
  if (inContainers() || (await settings.client.place()) !== undefined) return false;
  const why = await notRunningHere(settings);
  return why instanceof NotRunningError && why.left.length === 0;
}
