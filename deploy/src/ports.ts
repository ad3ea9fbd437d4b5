/** What the mesh in containers publishes on the host, and what `mesh status` shows of it. */
import { identities, type PortName, portOf, portVariable } from '@microshop/topology';

/** Ports that are published, in the order in which people are shown them. */
export const publishedPorts: readonly PortName[] = [
  ...(['gateway', 'gateway_tls', 'control'] as const),
  ...identities.map((identity): PortName => `${identity}_admin`),
  ...(['jaeger', 'otlp_grpc', 'otlp_http', 'prometheus', 'grafana'] as const),
  ...(['rabbitmq', 'rabbitmq_management', 'postgres', 'redis'] as const),
];

/** Ports of what `mesh status` shows. */
export const statusPorts: readonly PortName[] = [
  ...(['gateway', 'gateway_tls', 'gateway_admin', 'control'] as const),
  ...(['jaeger', 'prometheus', 'grafana'] as const),
  ...(['rabbitmq', 'rabbitmq_management', 'postgres', 'redis'] as const),
];

/** The usual number of a port: that inside the containers, and on the host unless it is moved. */
export function usualPort(name: PortName): string {
  return String(portOf(name, 1, {}));
}

/** A port as compose publishes it: on loopback, and moved by its variable. */
export function publish(name: PortName): string {
  return `"127.0.0.1:${movable(name)}:${usualPort(name)}"`;
}

/** A port on the host, as compose fills it in. */
export function movable(name: PortName): string {
  return `\${${portVariable(name)}:-${usualPort(name)}}`;
}
