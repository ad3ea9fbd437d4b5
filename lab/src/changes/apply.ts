/** Brings the files the Envoys watch in line with what was changed. The one place that does, for the runner and the control service. */
import { isDeepStrictEqual } from 'node:util';
import { type Fault, type MeshChanges, writeDynamic } from '@microshop/envoy';
import type { Placement } from '@microshop/topology';
import type { FaultRecord } from './schemas.ts';
import { type Changes, readChanges } from './store.ts';

/** Where it is written. */
export interface ChangeDirectories {
  /** What was changed (`MESH_STATE_DIR`); the control service owns it. */
  readonly state: string;
  /** What the Envoys watch (`MESH_ENVOY_DIR`), a directory for each. */
  readonly envoy: string;
}

/** A record as Envoy's configuration takes it. */
export function toFault(record: FaultRecord): Fault {
  return {
    service: record.service,
    from: record.from,
    abort: record.abort,
    delayMs: record.delay_ms,
    replaceAnswer: record.replace_answer !== null,
    percent: record.percent,
  };
}

/** The changes as Envoy's configuration takes them. */
export function toMeshChanges({ faults, policies }: Changes): MeshChanges {
  return { faults: faults.map(toFault), policies };
}

/**
 * Writes the files from topology, placement and state on disk, and returns the state. The runner may do so (an Envoy is
 * started) while the control service does (something was changed): whoever is last has read the newest state.
 */
export async function writeChanges(placement: Placement, directories: ChangeDirectories): Promise<Changes> {
  let changes = await readChanges(directories.state);
  for (;;) {
    await writeDynamic(placement, directories.envoy, toMeshChanges(changes));
    const now = await readChanges(directories.state);
    if (isDeepStrictEqual(now, changes)) return changes;
    changes = now;
  }
}
