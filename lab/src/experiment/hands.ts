/** What experiments and comparisons run with: a mesh, k6, and Ctrl-C. */
import { k6Program } from '@microshop/cli/load/k6';
import { containerPlacement, silentParts } from '@microshop/cli/mesh/container-parts';
import { controlClient } from '@microshop/cli/mesh/control-client';
import { explanationOf, runningMesh } from '@microshop/cli/mesh/running-mesh';
import { meshSettings } from '@microshop/cli/mesh/settings';
import { ProvedNothing } from '@microshop/cli/output/errors';
import { progress } from '@microshop/cli/output/output';
import { NotRunningError, type SupervisorClient } from '@microshop/native/supervision/supervisor-client';
import { ExplainedError, InvalidInputError, messageOf } from '@microshop/program-kit/errors';
import { UnreachableError } from '@microshop/program-kit/http-json';
import { experimentsDirectory } from '@microshop/program-kit/run-directory';
import { inContainers } from '@microshop/program-kit/typed-here';
import type { Placement, Replicas } from '@microshop/topology';
import { untilHealthy } from '../bench/mesh/healthy.ts';
import { interruptible } from '../interruptible.ts';
import type { Laboratory } from './course.ts';
import { containerHands, speedHands } from './machine-speed.ts';
import { withMesh } from './own-mesh.ts';
import { type NeedsReplicas, refuseOtherReplicas } from './replicas.ts';
import { unwellParts } from './unwell.ts';

/** Everything a run needs of the running mesh. */
async function laboratory(applyFault: boolean, interrupted: AbortSignal): Promise<Laboratory> {
  const addresses = await runningMesh();
  const { client, directory, placement } = meshSettings();
  return {
    ...(inContainers()
      ? { placement: containerPlacement(), speed: containerHands, unwell: silentParts }
      : nativeHands(client, placement((await client.status())?.replicas))),
    addresses,
    control: controlClient(addresses.control),
    client,
    k6: await k6Program(),
    reports: experimentsDirectory(directory),
    mutants: directory.mutants,
    applyFault,
    interrupted,
    onProgress: progress,
  };
}

function nativeHands(client: SupervisorClient, placement: Placement) {
  return { placement, speed: speedHands(client), unwell: () => unwellParts(client, placement) };
}

/** What work is done with. */
export interface Workplace {
  readonly lab: Laboratory;
  /**
   * The laboratory once the mesh has these replicas: one of its own is started again for that, unless it has them. Natively it
   * is healthy then; in containers nothing is started again.
   */
  labWith(replicas: Replicas): Promise<Laboratory>;
}

/**
 * Runs the work with {@link laboratory}; Ctrl-C, SIGTERM and SIGHUP end it early and in order. Where no mesh runs, one is started for
 * it, with the replicas that the first of `wanting` needs. Throws `ProvedNothing` when something else is in its place, when it
 * stops meanwhile, and when one that ran before has not the replicas that each of `wanting` needs.
 * Call {@link refuseNativeOnly} before.
 */
export async function inLaboratory<T>(
  applyFault: boolean,
  wanting: readonly NeedsReplicas[],
  work: (workplace: Workplace) => Promise<T>,
): Promise<T> {
  try {
    return await interruptible('Interrupted: restoring the mesh', async (interrupted) =>
      withMesh(wanting[0]?.replicas ?? {}, interrupted, async ({ own, become }) => {
        const lab = await laboratory(applyFault, interrupted);
        if (!own) refuseOtherReplicas(wanting, (await lab.client.status())?.replicas ?? {});
        return await work({
          lab,
          async labWith(replicas) {
            await become(replicas);
            const ready = await laboratory(applyFault, interrupted);
            if (!inContainers()) await untilHealthy(ready.client, interrupted);
            return ready;
          },
        });
      }),
    );
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof NotRunningError)) throw error;
    throw new ProvedNothing(`INVALID: ${await explanationOf(error)}`, { cause: error });
  }
}

/**
 * Runs what comes to a verdict. Whatever keeps it from one is `ProvedNothing`, as a k6 that cannot be obtained, or a mesh that does not
 * start: exit code 1 would say that something is broken, and a mutant has to end with it. Wrong usage stays what it is.
 */
export async function toVerdict<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidInputError || error instanceof ProvedNothing) throw error;
    const cut = error instanceof Error && error.name === 'AbortError';
    const why = cut ? 'it was interrupted' : `the run broke: ${messageOf(error)}`;
    const where = cut || error instanceof ExplainedError ? '' : '; MESH_DEBUG=1 shows where this comes from';
    throw new ProvedNothing(`INVALID: ${why}${where}`, { cause: error });
  }
}
