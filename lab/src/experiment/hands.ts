/** What experiments and comparisons run with: the running mesh, k6, and Ctrl-C. */
import { k6Program } from '@microshop/cli/load/k6';
import { controlClient } from '@microshop/cli/mesh/control-client';
import { runningMesh } from '@microshop/cli/mesh/running-mesh';
import { meshSettings } from '@microshop/cli/mesh/settings';
import { progress } from '@microshop/cli/output/output';
import type { Laboratory } from './course.ts';

/** Everything a run needs of the running mesh. */
export async function laboratory(applyFault: boolean, interrupted: AbortSignal): Promise<Laboratory> {
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
    applyFault,
    interrupted,
    onProgress: progress,
  };
}

/** Runs the work; Ctrl-C and SIGTERM end it early and in order, once and again. */
export async function interruptible<T>(work: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
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
