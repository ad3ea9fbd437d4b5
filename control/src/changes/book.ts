/**
 * The changes of this mesh as the control service holds them: of which mesh, in which directories, one at a time, on
 * disk before in effect. It alone writes the files that Envoys and apps watch.
 */
import { runDirectory } from '@microshop/program-kit/run-directory';
import {
  composePlacement,
  corsOriginsOf,
  edgeAuthOf,
  instanceNumber,
  kubernetesPlacement,
  nativePlacement,
  type Placement,
  parseReplicas,
} from '@microshop/topology';
import { type Delivery, deliveryByFiles, type WatchedDirectories } from './delivery.ts';
import { type Changes, readChanges, stateDirectory } from './store.ts';

/** The placement: that of `MESH_MODE` in containers (`compose`, `kubernetes`), else that of native mesh `MESH_INSTANCE` with `MESH_REPLICAS`. */
export function placementOf(env: NodeJS.ProcessEnv): Placement {
  if (env['MESH_MODE'] === 'compose') {
    return composePlacement({ edgeAuth: edgeAuthOf(env), corsOrigins: corsOriginsOf(env), env });
  }
  if (env['MESH_MODE'] === 'kubernetes') return kubernetesPlacement({ corsOrigins: corsOriginsOf(env) });
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
export interface ChangeDirectories extends WatchedDirectories {
  /** What was changed (`MESH_STATE_DIR`); the control service owns it. */
  readonly state: string;
}

/** Writes the files of the state on disk, and returns that state. One at a time. */
export async function writeChanges(placement: Placement, directories: ChangeDirectories): Promise<Changes> {
  return await deliverChanges(directories.state, deliveryByFiles(placement, directories));
}

async function deliverChanges(state: string, delivery: Delivery): Promise<Changes> {
  const changes = await readChanges(state);
  await delivery.deliver(changes);
  return changes;
}

/** What faults and policies share. */
export interface ChangeBook {
  readonly placement: Placement;
  /** Directory of the state. */
  readonly state: string;
  /** How changes reach Envoys and apps. */
  readonly delivery: Delivery;
  /** The state on disk. */
  read(): Promise<Changes>;
  /** Sends the state on disk to Envoys and apps. */
  write(): Promise<Changes>;
  /** Runs the work when all that came before has ended. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

/** A book of what is kept in that directory. */
export function createChangeBook(placement: Placement, state: string, delivery: Delivery): ChangeBook {
  let last: Promise<unknown> = Promise.resolve();
  return {
    placement,
    state,
    delivery,
    read: () => readChanges(state),
    write: () => deliverChanges(state, delivery),
    inTurn(work) {
      const mine = last.then(work);
      // `mine` has the result of this one for its caller; the next one begins in any case
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
