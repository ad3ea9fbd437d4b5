/** Brings the files that Envoys and apps watch in line with what was changed. The control service alone does. */
import path from 'node:path';
import { dynamicFiles, type Fault, type MeshChanges } from '@microshop/envoy';
import { jsonText } from '@microshop/program-kit/json-file';
import { type FileTexts, ownerOnly, putFiles, usualAccess } from '@microshop/program-kit/whole-file';
import { breakerFiles, breakerServices, breakersOf, type Placement, type Pod } from '@microshop/topology';
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

/** Texts of all files that something in the mesh watches, by their path below the directory of their kind. */
export interface WatchedFiles {
  readonly envoy: FileTexts;
  readonly apps: FileTexts;
}

/** A function of the topology, the placement and the changes alone: who writes the files, and on which machine, is no part. */
export function filesOf(placement: Placement, changes: Changes): WatchedFiles {
  return {
    envoy: dynamicFiles(placement, toMeshChanges(changes)),
    apps: new Map(
      podsWithBreakers(placement).map(({ app, service }) => [
        path.join(app, breakerFiles.wanted),
        jsonText(breakersOf(changes.policies, service)),
      ]),
    ),
  };
}

/** Writes the files of the state on disk, and returns that state. One at a time. */
export async function writeChanges(placement: Placement, directories: ChangeDirectories): Promise<Changes> {
  const changes = await readChanges(directories.state);
  const { envoy, apps } = filesOf(placement, changes);
  await putFiles(directories.envoy, envoy, usualAccess);
  await putFiles(directories.apps, apps, ownerOnly);
  return changes;
}

/** The pods whose apps have breakers: those of services that call others. */
export function podsWithBreakers({ pods }: Placement): readonly Pod[] {
  return pods.filter(({ service }) => breakerServices.includes(service));
}
