/** What experiments and comparisons run with: a mesh, k6, and Ctrl-C. */
import { k6Program } from '@microshop/cli/load/k6';
import { controlClient } from '@microshop/cli/mesh/control-client';
import { explanationOf, runningMesh } from '@microshop/cli/mesh/running-mesh';
import { meshSettings } from '@microshop/cli/mesh/settings';
import { ProvedNothing } from '@microshop/cli/output/errors';
import { progress } from '@microshop/cli/output/output';
import { NotRunningError } from '@microshop/native/supervision/supervisor-client';
import { UnreachableError } from '@microshop/program-kit/http-json';
import type { Laboratory } from './course.ts';
import { withMesh } from './own-mesh.ts';

/** Everything a run needs of the running mesh. */
async function laboratory(applyFault: boolean, interrupted: AbortSignal): Promise<Laboratory> {
  const addresses = await runningMesh();
  const { client, directory, placement } = meshSettings();
  const status = await client.status();
  return {
    addresses,
    control: controlClient(addresses.control),
    client,
    placement: placement(status?.replicas),
    k6: await k6Program(),
    reports: directory.experiments,
    mutants: directory.mutants,
    applyFault,
    interrupted,
    onProgress: progress,
  };
}

/**
 * Runs the work with {@link laboratory}; Ctrl-C and SIGTERM end it early and in order. Where no mesh runs, one is started for
 * it. Throws `ProvedNothing` when something else is in its place, or it stops meanwhile.
 */
export async function inLaboratory<T>(
  applyFault: boolean,
  work: (lab: Laboratory) => Promise<T>,
): Promise<T> {
  try {
    return await interruptible(async (interrupted) =>
      withMesh(interrupted, async () => work(await laboratory(applyFault, interrupted))),
    );
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof NotRunningError)) throw error;
    throw new ProvedNothing(`INVALID: ${await explanationOf(error)}`, { cause: error });
  }
}

/** Runs the work. Ctrl-C and SIGTERM end it early and in order, however often they come. */
async function interruptible<T>(work: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => {
    if (!controller.signal.aborted) progress('Interrupted: the mesh is given back as it was');
    controller.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
