/** A plain mesh, which one command has for itself: no other one changes it meanwhile, and nothing is changed on it. */
import type { ControlClient } from '@microshop/cli/mesh/control-client';
import { ProvedNothing } from '@microshop/cli/output/errors';
import type { SupervisorClient } from '@microshop/native/supervision/supervisor-client';
import { edgeNamed } from '@microshop/topology';
import { endEdited } from '../mutants/restarted.ts';
import { type Lender, withLease } from './lease.ts';

/** What is asked of the mesh, and what is ended on it. */
export interface PlainMesh {
  readonly control: Lender & Pick<ControlClient, 'faults' | 'policies'>;
  readonly client: Pick<SupervisorClient, 'act'>;
  /** Directory of what the runner adds to the environment of our own processes. */
  readonly mutants: string;
  /** Names of the parts that are not healthy now. */
  unwell(): Promise<readonly string[]>;
  readonly interrupted: AbortSignal;
}

/**
 * Runs the work on a mesh whose policies are leased, with a signal that is aborted when the lease is lost, too. Edited code that a killed
 * command has left is ended first. Only under the lease: the code of a command that still runs is none of ours. Throws
 * `ProvedNothing` when another command has the lease, and when the mesh is not plain.
 */
export async function onPlainMesh<Lab extends PlainMesh, T>(
  lab: Lab,
  work: (lab: Lab) => Promise<T>,
): Promise<T> {
  return await withLease(lab.control, async (lost) => {
    await endEdited(lab);
    await refuseChanged(lab);
    return await work({ ...lab, interrupted: AbortSignal.any([lab.interrupted, lost]) });
  });
}

/** An experiment gives the mesh back as it was: nothing may be changed that it would take away, and all parts must run. */
async function refuseChanged({
  control,
  unwell: askParts,
}: Pick<PlainMesh, 'control' | 'unwell'>): Promise<void> {
  const [faults, { policies }, unwell] = await Promise.all([
    control.faults(),
    control.policies(),
    askParts(),
  ]);
  const changed = policies.filter((policy) => Object.keys(policy.changed).length > 0).map(edgeNamed);
  const found = [
    ...(unwell.length === 0 ? [] : [`not healthy: ${unwell.join(', ')}; ./mesh status shows more`]),
    ...(faults.length === 0 ? [] : ['a fault is set; end it with ./mesh fault clear']),
    ...(changed.length === 0
      ? []
      : [`another policy is in effect (${changed.join(', ')}); restore it with ./mesh policy reset`]),
  ];
  if (found.length > 0)
    throw new ProvedNothing(`An experiment needs a plain mesh. Here ${found.join('. And ')}`);
}
