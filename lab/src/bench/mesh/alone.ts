/** The services without sidecars, and what they need: each service is asked at its own address, and asks its peers there. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { makeNativeSecrets } from '@microshop/control/secrets/passwords';
import type { Part, PartProcess } from '@microshop/native/supervision/part';
import type { MeshPaths } from '@microshop/program-kit/run-directory';
import {
  type Placement,
  type Pod,
  podPorts,
  podsOf,
  type ServiceName,
  serviceNamed,
  services,
} from '@microshop/topology';
import type { Setup } from '../setup.ts';

/** Servers that only telemetry needs. */
const telemetryServers = ['jaeger', 'prometheus'];

/** Where a service without a sidecar is asked, `http://host:port`. */
export function aloneUrl(placement: Placement, service: ServiceName): string {
  const [pod] = podsOf(placement, service);
  if (pod === undefined) throw new Error(`${service} has no pod`);
  return `http://${pod.localBind}:${podPorts.app}`;
}

/** Addresses by what they are, for `./mesh status`. */
export function aloneUrls(placement: Placement): Record<string, string> {
  return Object.fromEntries(services.map(({ name }) => [name, aloneUrl(placement, name)]));
}

/** What the control service makes of files in a whole mesh, as far as services, databases and broker need them. */
export async function makeFilesAlone({ secrets, apps }: MeshPaths, pods: readonly Pod[]): Promise<void> {
  await makeNativeSecrets(secrets);
  for (const { app } of pods) await mkdir(path.join(apps, app), { recursive: true });
}

/** The parts that are left of the whole mesh. None waits for the control service, which is not among them. */
export function partsAlone(
  parts: readonly Part[],
  stack: Exclude<Setup['stack'], 'mesh'>,
  placement: Placement,
): readonly Part[] {
  const left = parts.filter(
    ({ kind, name }) =>
      kind === 'app' || (kind === 'server' && !(stack === 'bare' && telemetryServers.includes(name))),
  );
  const names = left.map(({ name }) => name);
  return left.map((part): Part => {
    const alone = { ...part, dependsOn: part.dependsOn.filter((name) => names.includes(name)) };
    const pod = placement.pods.find(({ app }) => app === part.name);
    if (pod === undefined) return alone;
    return {
      ...alone,
      process: async () => {
        const process = withoutSidecar(await part.process(), pod.service, placement);
        return stack === 'bare' ? withoutTelemetry(process) : process;
      },
    };
  });
}

/** The app with the addresses of its peers in the place of its sidecar's. */
export function withoutSidecar(
  process: PartProcess,
  service: ServiceName,
  placement: Placement,
): PartProcess {
  const { MESH_OUTBOUND_URL: _, ...env } = process.env;
  const { calls } = serviceNamed(service);
  const urls = calls.map((peer) => `${peer}=${aloneUrl(placement, peer)}`).join(',');
  return { ...process, env: { ...env, ...(calls.length === 0 ? {} : { MESH_PEER_URLS: urls }) } };
}

/** The app without the file that loads OpenTelemetry before it, and without the variables that file reads. */
export function withoutTelemetry(process: PartProcess): PartProcess {
  const [flag, bootstrap, ...args] = process.args;
  if (flag !== '--import' || bootstrap === undefined) throw new Error('An app is started without --import');
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_')));
  return { ...process, args, env };
}
