/** Writes the configurations as files. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
    return pod === undefined ? {} : faultRuntime(changes.faults, pod.service);
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
    await put(file, toYaml(bootstrap));
    return [part, file] as const;
  });
  return Object.fromEntries(await Promise.all(written));
}

/**
 * Writes `<directory>/<part>/<name>.yaml`, what the Envoys watch. Files that stay the same are not touched; the others
 * are renamed into place when they are whole, runtime keys last: a running Envoy takes each up within half a second.
 */
export async function writeDynamic(
  placement: Placement,
  directory: string,
  changes: MeshChanges = noChanges,
): Promise<void> {
  const written = Object.entries(splitConfigs(placement, changes)).map(async ([part, { files }]) => {
    for (const [name, content] of Object.entries(files)) {
      await put(join(directory, part, name), toYaml(content));
    }
  });
  await Promise.all(written);
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

async function put(file: string, text: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(unfinished, text);
  await rename(unfinished, file);
}
