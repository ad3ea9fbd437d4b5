/** Writes the configurations as files. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Placement } from '@microshop/topology';
import { stringify } from 'yaml';
import type { EnvoyBootstrap } from './bootstrap.ts';
import { gatewayConfig } from './gateway.ts';
import { sidecarConfig } from './sidecar.ts';

/** The configuration of every Envoy of a placement, by part name: `gateway` and each pod's sidecar. */
export function envoyConfigs(placement: Placement): Readonly<Record<string, EnvoyBootstrap>> {
  return {
    gateway: gatewayConfig(placement),
    ...Object.fromEntries(placement.pods.map((pod) => [pod.sidecar, sidecarConfig(placement, pod)])),
  };
}

/** A configuration as YAML. Quotes what a reader of YAML 1.1 would take for a boolean or a number. */
export function toYaml(config: EnvoyBootstrap): string {
  return stringify(config, { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

/**
 * Writes `<directory>/<part>.yaml` for every Envoy of the placement and returns the file of each part.
 * A file is renamed into place when it is whole, so a reader never sees half of one.
 */
export async function writeEnvoyConfigs(
  placement: Placement,
  directory: string,
): Promise<Record<string, string>> {
  await mkdir(directory, { recursive: true });
  const written = Object.entries(envoyConfigs(placement)).map(async ([part, config]) => {
    const file = join(directory, `${part}.yaml`);
    const unfinished = `${file}.${process.pid}.tmp`;
    await writeFile(unfinished, toYaml(config));
    await rename(unfinished, file);
    return [part, file] as const;
  });
  return Object.fromEntries(await Promise.all(written));
}
