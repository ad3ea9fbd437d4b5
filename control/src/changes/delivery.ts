/** How changes reach Envoys and apps, and what those report of them. */

import { isDeepStrictEqual } from 'node:util';
import { faultRuntime } from '@microshop/envoy';
import { ownerOnly, putFiles, usualAccess } from '@microshop/program-kit/whole-file';
import type { Placement, ServiceName } from '@microshop/topology';
import { type ChangesInEffect, filesOf, toFault, toMeshChanges } from './files.ts';
import {
  breakerStates,
  type FileState,
  faultKeysOf,
  fileStates,
  type Sidecar,
  sidecarsOf,
} from './in-force.ts';
import type { FaultRecord } from './schemas.ts';
import type { Changes } from './store.ts';

/** A way for changes, there and back. */
export interface Delivery {
  /** Whether those who get changes end a lease themselves: they have to hear that it was renewed. */
  readonly endsLeases: boolean;
  /** Time Envoys and apps have to report a change, milliseconds; on a machine with time to spare they need half a second at most. */
  readonly reportLimitMs: number;
  /** Sends them on their way. */
  deliver(changes: Changes): Promise<void>;
  /** The sidecars of a service that there are now. */
  sidecarsOf(service: ServiceName): readonly Sidecar[];
  /** Those of them, by part, that do not report exactly these faults of their service. */
  withoutFaults(service: ServiceName, faults: readonly FaultRecord[]): Promise<readonly string[]>;
  /** How every Envoy, and every app with breakers, stands to these changes. */
  states(changes: ChangesInEffect): Promise<readonly FileState[]>;
}

/** Where the files are written. */
export interface WatchedDirectories {
  /** What the Envoys watch (`MESH_ENVOY_DIR`), a directory for each. */
  readonly envoy: string;
  /** What the apps with breakers watch (`MESH_APPS_DIR`), a directory for each. */
  readonly apps: string;
}

/** By files that the Envoys and apps of that placement watch on this machine; each is asked what it has. */
export function deliveryByFiles(placement: Placement, directories: WatchedDirectories): Delivery {
  return {
    endsLeases: false,
    reportLimitMs: 5000,
    async deliver(changes) {
      const { envoy, apps } = filesOf(placement, changes);
      await putFiles(directories.envoy, envoy, usualAccess);
      await putFiles(directories.apps, apps, ownerOnly);
    },
    sidecarsOf: (service) => sidecarsOf(placement, service),
    async withoutFaults(service, faults) {
      const asked = sidecarsOf(placement, service).map(async (sidecar) => {
        const reported = await faultKeysOf(sidecar);
        const keys = Object.entries(faultRuntime(faults.map(toFault), service, sidecar.replica));
        const expected = Object.fromEntries(keys.map(([key, value]) => [key, String(value)]));
        return reported !== undefined && isDeepStrictEqual({ ...reported }, expected) ? [] : [sidecar.part];
      });
      return (await Promise.all(asked)).flat();
    },
    async states(changes) {
      const states = await Promise.all([
        fileStates(placement, toMeshChanges(changes)),
        breakerStates(placement, directories.apps, changes.policies),
      ]);
      return states.flat();
    },
  };
}
