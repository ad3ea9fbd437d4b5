/**
 * The changes of this mesh as the control service holds them: of which mesh, in which directories, one at a time, on
 * disk before in effect. It alone writes the files that Envoys and apps watch.
 */
import path from 'node:path';
import { dynamicFiles, type Fault, type MeshChanges } from '@microshop/envoy';
import { jsonText } from '@microshop/program-kit/json-file';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { type FileTexts, ownerOnly, putFiles, usualAccess } from '@microshop/program-kit/whole-file';
import {
  breakerFiles,
  breakerServices,
  breakersOf,
  composePlacement,
  instanceNumber,
  kubernetesPlacement,
  nativePlacement,
  type Placement,
  type Pod,
  parseReplicas,
} from '@microshop/topology';
import type { FaultRecord } from './schemas.ts';
import { type Changes, readChanges, stateDirectory } from './store.ts';

/** The placement: that of `MESH_MODE` in containers (`compose`, `kubernetes`), else that of native mesh `MESH_INSTANCE` with `MESH_REPLICAS`. */
export function placementOf(env: NodeJS.ProcessEnv): Placement {
  if (env['MESH_MODE'] === 'compose') return composePlacement();
  if (env['MESH_MODE'] === 'kubernetes') return kubernetesPlacement();
  const replicas = parseReplicas(JSON.parse(env['MESH_REPLICAS'] ?? '{}'));
  return nativePlacement({ instance: instanceNumber(env), replicas, env });
}

/**
 * Where changes are kept, and where Envoys and apps see them: `MESH_STATE_DIR`, `MESH_ENVOY_DIR` and `MESH_APPS_DIR`, else
 * the native mesh's.
 */
export function changeDirectories(env: NodeJS.ProcessEnv): ChangeDirectories {
  const native = runDirectory(instanceNumber(env));
  return {
    state: stateDirectory(env),
    envoy: env['MESH_ENVOY_DIR'] ?? native.envoys,
    apps: env['MESH_APPS_DIR'] ?? native.apps,
  };
}

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
    replica: record.replica,
    abort: record.abort,
    delayMs: record.delay_ms,
    replaceAnswer: record.replace_answer !== null,
    slowAnswer: record.slow_answer !== null,
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

/** What faults and policies share. */
export interface ChangeBook {
  readonly placement: Placement;
  readonly directories: ChangeDirectories;
  /** The state on disk. */
  read(): Promise<Changes>;
  /** Writes the files that Envoys and apps watch from the state on disk. */
  write(): Promise<Changes>;
  /** Runs the work when all that came before has ended. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

/** A book over those directories. */
export function createChangeBook(placement: Placement, directories: ChangeDirectories): ChangeBook {
  let last: Promise<unknown> = Promise.resolve();
  return {
    placement,
    directories,
    read: () => readChanges(directories.state),
    write: () => writeChanges(placement, directories),
    inTurn(work) {
      const mine = last.then(work);
      // `mine` has the result of this one for its caller; the next one begins in any case
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
