/** Published ports: each on loopback only, under the name, variable and number of the topology. */
import { identities, type PortName, portNames, portOf, portVariable } from '@microshop/topology';
import type { ComposeFile } from './compose-file.ts';

/** What the contract publishes. */
const published: readonly PortName[] = [
  ...(['gateway', 'gateway_tls', 'control'] as const),
  ...identities.map((identity): PortName => `${identity}_admin`),
  ...(['jaeger', 'otlp_grpc', 'otlp_http', 'prometheus', 'grafana'] as const),
  ...(['rabbitmq', 'rabbitmq_management', 'postgres', 'redis'] as const),
];

/** What is wrong with the ports; empty when nothing is. */
export function portProblems({ services }: ComposeFile): string[] {
  const problems: string[] = [];
  const seen: string[] = [];
  for (const [name, { ports = [] }] of Object.entries(services)) {
    for (const port of ports) {
      const [, variable, ownDefault, target] = /^127\.0\.0\.1:\$\{(\w+):-(\d+)\}:(\d+)$/.exec(port) ?? [];
      const known = portNames.find((one) => portVariable(one) === variable);
      if (known === undefined) {
        problems.push(
          `${name}: "${port}" is not 127.0.0.1:\${MESH_PORT_<name of the topology>:-default}:port`,
        );
        continue;
      }
      const number = String(portOf(known, 1, {}));
      if (ownDefault !== number || target !== number) {
        problems.push(`${name}: "${port}", but ${known} is ${number} in the topology`);
      }
      seen.push(known);
    }
  }
  for (const name of published) if (!seen.includes(name)) problems.push(`${name} is not published`);
  for (const name of seen) {
    if (!published.some((one) => one === name))
      problems.push(`${name} is published, but not in the contract`);
  }
  return problems;
}
