/** Writes the configurations as files. */
import { join } from 'node:path';
import { type FileTexts, putFile, putFiles, usualAccess } from '@microshop/program-kit/whole-file';
import { dynamicDirectory, type MeshPolicies, type Placement, topologyPolicies } from '@microshop/topology';
import { stringify } from 'yaml';
import type { EnvoyBootstrap } from './bootstrap.ts';
import { type SplitConfig, splitConfig } from './dynamic.ts';
import { type Fault, faultRuntime } from './fault.ts';
import { gatewayConfig } from './gateway.ts';
import type { Json, JsonObject } from './json.ts';
import { sidecarConfig } from './sidecar.ts';

/** What was changed while the mesh ran, and still holds. */
export interface MeshChanges {
  readonly policies: MeshPolicies;
  readonly faults: readonly Fault[];
}

/** The mesh as the topology describes it. */
export const noChanges: MeshChanges = { policies: topologyPolicies, faults: [] };

/** The whole configuration of every Envoy of a placement, by part name: `gateway` and each pod's sidecar. */
export function envoyConfigs(
  placement: Placement,
  policies: MeshPolicies = topologyPolicies,
): Readonly<Record<string, EnvoyBootstrap>> {
  return {
    gateway: gatewayConfig(placement, policies),
    ...Object.fromEntries(
      placement.pods.map((pod) => [pod.sidecar, sidecarConfig(placement, pod, policies)]),
    ),
  };
}

/** The same as bootstrap and watched files: a function of the topology, the placement and the changes alone. */
export function splitConfigs(
  placement: Placement,
  changes: MeshChanges = noChanges,
): Readonly<Record<string, SplitConfig>> {
  const runtimeOf = (part: string): Readonly<Record<string, Json>> => {
    const pod = placement.pods.find((candidate) => candidate.sidecar === part);
    return pod === undefined ? {} : faultRuntime(changes.faults, pod.service, pod.replica);
  };
  return Object.fromEntries(
    Object.entries(envoyConfigs(placement, changes.policies)).map(([part, config]) => [
      part,
      splitConfig(part, config, runtimeOf(part)),
    ]),
  );
}

/** A configuration as YAML. Quotes what a reader of YAML 1.1 would take for a boolean or a number. */
export function toYaml(config: EnvoyBootstrap | JsonObject): string {
  return stringify(config, { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

/** Writes `<directory>/<part>.yaml`, the bootstrap, for every Envoy of the placement; the file of each part. */
export async function writeBootstraps(
  placement: Placement,
  directory: string,
): Promise<Record<string, string>> {
  const written = Object.entries(splitConfigs(placement)).map(async ([part, { bootstrap }]) => {
    const file = join(directory, `${part}.yaml`);
    await putFile(file, toYaml(bootstrap), usualAccess);
    return [part, file] as const;
  });
  return Object.fromEntries(await Promise.all(written));
}

/**
 * What the Envoys watch, `<part>/<name>.yaml`: a function of topology, placement and changes, whoever writes it. Runtime keys
 * are the last of each part: routes they act on are there by then.
 */
export function dynamicFiles(placement: Placement, changes: MeshChanges = noChanges): FileTexts {
  return new Map(
    Object.entries(splitConfigs(placement, changes)).flatMap(([part, { files }]) =>
      Object.entries(files).map(([name, content]) => [join(part, name), toYaml(content)] as const),
    ),
  );
}

/** Writes {@link dynamicFiles}; a running Envoy applies what is new within half a second. */
export async function writeDynamic(
  placement: Placement,
  directory: string,
  changes: MeshChanges = noChanges,
): Promise<void> {
  await putFiles(directory, dynamicFiles(placement, changes), usualAccess);
}

/**
 * Writes everything for Envoys that are started in that directory: bootstraps in it, what they watch below it. Returns
 * the bootstrap of each part.
 */
export async function writeEnvoyConfigs(
  placement: Placement,
  directory: string,
  changes: MeshChanges = noChanges,
): Promise<Record<string, string>> {
  await writeDynamic(placement, join(directory, dynamicDirectory), changes);
  return await writeBootstraps(placement, directory);
}
