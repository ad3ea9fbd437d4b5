/** The Envoys: the gateway, and a sidecar in each pod. Their certificates and what they watch are the control service's. */
import path from 'node:path';
import { envoyArguments, writeBootstraps } from '@microshop/envoy';
import { type Address, type Pod, podPorts, portVariable } from '@microshop/topology';
import type { BoundPort, Part } from '../supervision/part.ts';
import { baseEnvironment, configDirectory, get, hostPort, type MeshContext, podPort } from './context.ts';

/** The part `gateway` and the part of each sidecar. */
export function envoyParts(mesh: MeshContext): readonly Part[] {
  const { gateway, pods, edgeAuth } = mesh.placement;
  const directory = path.join(configDirectory(mesh), 'envoy');
  // written once for all of them: they start side by side
  let writing: Promise<Record<string, string>> | undefined;
  const files = async () => {
    writing ??= writeBootstraps(mesh.placement, directory);
    return await writing;
  };
  const part = (name: string, admin: Address, rest: Pick<Part, 'kind' | 'dependsOn' | 'ports'>): Part => ({
    name,
    ...rest,
    prepare: async () => {
      await Promise.all([mesh.tool('envoy'), files()]);
    },
    process: async () => {
      const file = (await files())[name];
      if (file === undefined) throw new Error(`@microshop/envoy wrote no configuration for ${name}`);
      return {
        file: (await mesh.tool('envoy')).path,
        args: [...envoyArguments(file), '--log-level', 'warning'],
        env: baseEnvironment(mesh),
        // the paths of its certificates and watched files are relative to this directory
        cwd: mesh.directory,
      };
    },
    healthy: async (signal) => (await get(admin, '/ready', signal)).body.trim() === 'LIVE',
    stopTimeoutMs: 5000,
  });

  const sidecars = pods.map((pod) =>
    part(pod.sidecar, pod.admin, {
      kind: 'sidecar',
      dependsOn: ['control', pod.app],
      ports: sidecarPorts(pod),
    }),
  );
  return [
    ...sidecars,
    part('gateway', gateway.admin, {
      kind: 'gateway',
      dependsOn: ['control', ...pods.map((pod) => pod.sidecar)],
      ports: [
        hostPort(gateway.listen, 'gateway'),
        ...(edgeAuth ? [hostPort(gateway.tls.listen, 'gateway_tls')] : []),
        hostPort(gateway.admin, 'gateway_admin'),
      ],
    }),
  ];
}

function sidecarPorts(pod: Pod): readonly BoundPort[] {
  return [
    podPort(pod.inboundBind, podPorts.inbound, `${pod.sidecar} inbound`),
    podPort(pod.localBind, podPorts.outbound, `${pod.sidecar} outbound`),
    {
      host: pod.adminBind,
      port: pod.admin.port,
      purpose: `${pod.sidecar} admin (${portVariable(`${pod.service}_admin`)})`,
    },
  ];
}
