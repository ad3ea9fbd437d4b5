/** The files that Envoys and apps watch, as texts: the same function in every mode, whoever writes them. */
import path from 'node:path';
import { dynamicFiles, type Fault, type MeshChanges } from '@microshop/envoy';
import { jsonText } from '@microshop/program-kit/json-file';
import type { FileTexts } from '@microshop/program-kit/whole-file';
import {
  breakerFiles,
  breakerServices,
  breakersOf,
  type KeptFault,
  type MeshPolicies,
  type Placement,
  type Pod,
} from '@microshop/topology';

/** What holds now, as far as the files follow from it. */
export interface ChangesInEffect {
  readonly faults: readonly KeptFault[];
  readonly policies: MeshPolicies;
}

/** A fault as Envoy's configuration takes it. */
export function toFault(fault: KeptFault): Fault {
  return {
    service: fault.service,
    from: fault.from,
    replica: fault.replica,
    abort: fault.abort,
    delayMs: fault.delay_ms,
    replaceAnswer: fault.replace_answer !== null,
    slowAnswer: fault.slow_answer !== null,
    percent: fault.percent,
  };
}

/** The changes as Envoy's configuration takes them. */
export function toMeshChanges({ faults, policies }: ChangesInEffect): MeshChanges {
  return { faults: faults.map(toFault), policies };
}

/** Texts of all files that something in the mesh watches, by their path below the directory of their kind. */
export interface WatchedFiles {
  readonly envoy: FileTexts;
  readonly apps: FileTexts;
}

/** A function of the topology, the placement and the changes alone: who writes the files, and on which machine, is no part. */
export function filesOf(placement: Placement, changes: ChangesInEffect): WatchedFiles {
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

/** The pods whose apps have breakers: those of services that call others. */
export function podsWithBreakers({ pods }: Placement): readonly Pod[] {
  return pods.filter(({ service }) => breakerServices.includes(service));
}
