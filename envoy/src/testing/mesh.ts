/** A running gateway and sidecars of a test. */
import { eventually } from '@microshop/program-kit/testing/eventually';
import type { Address, Placement } from '@microshop/topology';
import { envoyArguments } from '../command.ts';
import { writeEnvoyConfigs } from '../write.ts';
import { envoyBinary } from './binaries.ts';
import { patienceMs, type Servers } from './servers.ts';

/** Writes the configuration of the placement, starts the Envoys of those parts and waits until they serve. */
export async function startEnvoys(
  servers: Servers,
  placement: Placement,
  parts: readonly string[],
): Promise<void> {
  const files = await writeEnvoyConfigs(placement, servers.directory);
  await Promise.all(
    parts.map(async (part) => {
      const file = files[part];
      if (file === undefined) throw new Error(`The placement has no Envoy "${part}"`);
      await startEnvoy(servers, placement, part, file);
    }),
  );
}

/** Starts the Envoy of a part on a configuration file and waits until it serves. */
export async function startEnvoy(
  servers: Servers,
  placement: Placement,
  part: string,
  file: string,
): Promise<void> {
  const ready = `${origin(adminOf(placement, part))}/ready`;
  await servers.start(part, envoyBinary(), envoyArguments(file), async () => (await fetch(ready)).ok);
}

/** Where a part's admin is. */
export function adminOf(placement: Placement, part: string): Address {
  if (part === 'gateway') return placement.gateway.admin;
  const pod = placement.pods.find((candidate) => candidate.sidecar === part);
  if (pod === undefined) throw new Error(`The placement has no Envoy "${part}"`);
  return pod.admin;
}

/** The address as the beginning of a URL. */
export function origin(address: Address): string {
  return `http://${address.host}:${address.port}`;
}

/** The access-log line of a part about a trace. Envoy writes it within a second. */
export async function logged(
  servers: Servers,
  part: string,
  traceId: string,
): Promise<Record<string, unknown>> {
  let line: Record<string, unknown> | undefined;
  await eventually(
    `${part} has logged trace ${traceId}`,
    async () => {
      const lines = (await servers.output(part)).split('\n').slice(0, -1);
      line = lines.map((text) => asObject(JSON.parse(text))).find((entry) => entry['trace_id'] === traceId);
      return line !== undefined;
    },
    patienceMs,
  );
  return asObject(line);
}

/** The value as an object. Throws when it is none. */
export function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`Expected an object, not ${JSON.stringify(value)}`);
  }
  return Object.fromEntries(Object.entries(value));
}
