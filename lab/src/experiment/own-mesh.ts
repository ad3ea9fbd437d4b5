/** A mesh for the work where none runs: started before it, and taken down after it. */
import { notRunningHere } from '@microshop/cli/mesh/running-mesh';
import { type MeshSettings, meshSettings } from '@microshop/cli/mesh/settings';
import { progress } from '@microshop/cli/output/output';
import { bringDown } from '@microshop/native/supervision/bring-down';
import { startDaemon } from '@microshop/native/supervision/daemon';
import { partsWithoutTools } from '@microshop/native/supervision/mesh';
import { NotRunningError } from '@microshop/native/supervision/supervisor-client';
import { inContainers } from '@microshop/program-kit/typed-here';
import type { Replicas } from '@microshop/topology';
import { untilHealthy } from '../bench/mesh/healthy.ts';
import { sameReplicas } from './replicas.ts';

/** The mesh that work runs on. */
export interface WorkedMesh {
  /** Whether it was started for the work: only such a one is started again with other replicas. */
  readonly own: boolean;
  /**
   * Starts one of its own again unless it has exactly these replicas (one where absent); its data stays. One that ran before
   * stays as it is. Throws what a start throws; there is no mesh then, and the next call starts one.
   */
  become(replicas: Replicas): Promise<void>;
}

/** What a mesh of its own is started and ended with. */
export interface MeshStarter {
  /** Resolves when it is healthy. */
  start(replicas: Replicas): Promise<void>;
  /** Takes down what there is of one that was started with these replicas; without one it does nothing. */
  stop(replicas: Replicas): Promise<void>;
}

/**
 * Runs the work on the mesh of `MESH_INSTANCE`. One that runs stays; where none does, one with these replicas is started, and
 * taken down whatever becomes of the work; its data stays. Where something else stands in its place (containers, what a killed
 * runner left), the work itself says so. Throws what a start throws.
 */
export async function withMesh<T>(
  replicas: Replicas,
  interrupted: AbortSignal,
  work: (mesh: WorkedMesh) => Promise<T>,
): Promise<T> {
  const settings = meshSettings();
  if (!(await isAbsent(settings))) return await work({ own: false, become: async () => undefined });
  progress(`Mesh ${settings.instance} does not run: it is started for this run, and stopped afterwards`);
  return await onOwnMesh(replicas, starterOf(settings, interrupted), work);
}

/** Runs the work on a mesh that is started for it with these replicas, and taken down after it. */
export async function onOwnMesh<T>(
  replicas: Replicas,
  { start, stop }: MeshStarter,
  work: (mesh: WorkedMesh) => Promise<T>,
): Promise<T> {
  let started = replicas;
  let runs = false;
  const become = async (wanted: Replicas) => {
    if (runs && sameReplicas(started, wanted)) return;
    if (runs) await stop(started);
    runs = false;
    started = wanted;
    await start(wanted);
    runs = true;
  };
  try {
    await become(replicas);
    return await work({ own: true, become });
  } finally {
    // also what a failed start has left
    await stop(started);
  }
}

function starterOf({ client, directory, placement }: MeshSettings, interrupted: AbortSignal): MeshStarter {
  return {
    async start(replicas) {
      // a start ignores a signal that was already aborted
      interrupted.throwIfAborted();
      const counts = Object.entries(replicas).map(([service, count]) => `${service}=${count}`);
      if (counts.length > 0) progress(`It is started with --replicas ${counts.join(',')}`);
      await startDaemon({
        directory,
        replicas: { ...replicas },
        report: () => undefined,
        signal: interrupted,
      });
      await untilHealthy(client, interrupted);
    },
    async stop(replicas) {
      const makeParts = () => partsWithoutTools(placement(replicas));
      await bringDown({ directory, makeParts, onLine: progress });
    },
  };
}

/** Whether no mesh of that number runs, and nothing is in its place. */
async function isAbsent(settings: MeshSettings): Promise<boolean> {
  if (inContainers() || (await settings.client.place()) !== undefined) return false;
  const why = await notRunningHere(settings);
  return why instanceof NotRunningError && why.left.length === 0;
}
