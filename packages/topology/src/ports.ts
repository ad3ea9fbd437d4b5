/** Ports on the host side, loopback only. Each can be overridden: `MESH_PORT_GATEWAY=18080`. */
import { type Identity, identities } from './identities.ts';

/** Host ports of the servers and of the way in, instance 1. */
const servers = {
  gateway: 8080,
  gateway_tls: 8443,
  control: 8090,
  jaeger: 16686,
  jaeger_grpc: 16685,
  otlp_grpc: 4317,
  otlp_http: 4318,
  jaeger_health: 13133,
  jaeger_metrics: 8888,
  collector_metrics: 8889,
  prometheus: 9090,
  grafana: 3000,
  rabbitmq: 5672,
  rabbitmq_management: 15672,
  rabbitmq_metrics: 15692,
  rabbitmq_distribution: 25672,
  epmd: 4369,
  postgres: 5432,
  redis: 6379,
} as const;

/** Envoy's admin of the gateway, instance 1; those of the services follow it in the order of the topology. */
const firstAdmin = 9900;

/** Name of a server's host port. */
type ServerPort = keyof typeof servers;

/** Name of a host port; `MESH_PORT_` and the name in capitals, `-` as `_`, is its environment variable. */
export type PortName = ServerPort | `${Identity}_admin`;

const admins = identities.map((identity): PortName => `${identity}_admin`);

function isServer(name: string): name is ServerPort {
  return Object.hasOwn(servers, name);
}

/** Names of all host ports. */
export const portNames: readonly PortName[] = [...Object.keys(servers).filter(isServer), ...admins];

/** Host port of instance 1. */
function defaultOf(name: PortName): number {
  return isServer(name) ? servers[name] : firstAdmin + admins.indexOf(name);
}

/** Distance between the ports of two meshes on one machine. 100 keeps instances 1 to 9 apart. */
const instanceStride = 100;

/** The variable that overrides a port. */
export function portVariable(name: PortName): string {
  return `MESH_PORT_${name.toUpperCase().replaceAll('-', '_')}`;
}

/**
 * Host port of that name for mesh `instance` (1 to 9).
 * Throws when the overriding variable holds no port number.
 */
export function portOf(name: PortName, instance = 1, env: NodeJS.ProcessEnv = process.env): number {
  const variable = portVariable(name);
  const override = env[variable];
  if (override === undefined || override === '') return defaultOf(name) + (instance - 1) * instanceStride;
  const port = Number(override);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`${variable} must be a port from 1 to 65535, not "${override}"`);
  }
  return port;
}

/** Number of the mesh on this machine, from `MESH_INSTANCE`: 1 (the default) to 9. */
export function instanceNumber(env: NodeJS.ProcessEnv = process.env): number {
  const value = env.MESH_INSTANCE;
  if (value === undefined || value === '') return 1;
  const instance = Number(value);
  if (!Number.isInteger(instance) || instance < 1 || instance > 9) {
    throw new Error(`MESH_INSTANCE must be a number from 1 to 9, not "${value}"`);
  }
  return instance;
}

/** Ports inside a pod, the same in every mode. */
export const podPorts = {
  /** Where the sidecar takes calls for the app. */
  inbound: 15_006,
  /** Where the app calls its peers. */
  outbound: 15_001,
  /** The app itself; for its sidecar only. */
  app: 3000,
  /** On Kubernetes, Envoy's own admin; for the pod only. What others may read of it is at its usual port. */
  admin: 15_000,
  /** On Kubernetes, the agent's health. */
  agent: 15_020,
} as const;
