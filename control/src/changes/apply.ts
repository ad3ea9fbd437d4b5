/** Brings the files that Envoys and apps watch in line with what was changed. The control service alone does. */
import path from 'node:path';
import { type Fault, type MeshChanges, writeDynamic } from '@microshop/envoy';
import { putJson } from '@microshop/program-kit/json-file';
import {
  breakerFiles,
  breakerServices,
  breakersOf,
  type MeshPolicies,
  type Placement,
  type Pod,
} from '@microshop/topology';
import type { FaultRecord } from './schemas.ts';
import { type Changes, readChanges } from './store.ts';

/** Where it is written. */
export interface ChangeDirectories {
  /** What was changed (`MESH_STATE_DIR`); the control service owns it. */
  readonly state: string;
  /** What the Envoys watch (`MESH_ENVOY_DIR`), a directory for each. */
  readonly envoy: string;
  /** What the apps with breakers watch (`MESH_APPS_DIR`), a directory for each. */
  readonly apps: string;
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

/** Writes the files from topology, placement and state on disk, and returns the state. One at a time. */
export async function writeChanges(placement: Placement, directories: ChangeDirectories): Promise<Changes> {
  const changes = await readChanges(directories.state);
  await writeDynamic(placement, directories.envoy, toMeshChanges(changes));
  await writeBreakers(placement, directories.apps, changes.policies);
  return changes;
}

/** The pods whose apps have breakers: those of services that call others. */
export function podsWithBreakers({ pods }: Placement): readonly Pod[] {
  return pods.filter(({ service }) => breakerServices.includes(service));
}

async function writeBreakers(placement: Placement, directory: string, policies: MeshPolicies): Promise<void> {
  for (const { app, service } of podsWithBreakers(placement)) {
    await putJson(path.join(directory, app, breakerFiles.wanted), breakersOf(policies, service));
  }
}
