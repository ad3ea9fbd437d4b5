/**
 * Where each part of the mesh listens and how the others reach it, in one run mode. Configuration (Envoy, Jaeger,
 * Prometheus, the services' environment) is written from a placement, so both modes share its source.
 */
import { corsOriginsOf } from './cors.ts';
import { edgeAuthOf } from './edge-auth.ts';
import { instanceNumber, type PortName, podPorts, portOf } from './ports.ts';
import { type ServiceName, services } from './services.ts';

/** Host and port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One app with its sidecar. */
export interface Pod {
  readonly service: ServiceName;
  /** 1, 2, …; the first replica keeps the service's plain part names. */
  readonly replica: number;
  /** Name of the app as a part: `orders`, `orders-2`. */
  readonly app: string;
  /** Name of the sidecar as a part: `orders-sidecar`, `orders-sidecar-2`. */
  readonly sidecar: string;
  /** Where other pods and the gateway reach the inbound listener. */
  readonly inbound: Address;
  /** Address the inbound listener binds. */
  readonly inboundBind: string;
  /** Address the app and the outbound listener bind: for this pod's own processes. */
  readonly localBind: string;
  /** Envoy's admin, as the scraper reaches it. */
  readonly admin: Address;
  /** Address Envoy's admin binds. */
  readonly adminBind: string;
}

/** How a mesh runs: as local processes, in containers of compose, or on Kubernetes. */
export type RunMode = 'native' | 'compose' | 'kubernetes';

/** Where clients are answered over TLS. */
export interface ClientTls {
  readonly listen: Address;
  /** As other parts reach it. */
  readonly address: Address;
  /** Port at which clients on this machine reach it: in containers the one that is published. */
  readonly port: number;
  /** Names and addresses by which clients call it. Its certificate is for these, and who calls it otherwise is not redirected. */
  readonly names: readonly string[];
}

/** Everything that has an address. */
export interface Placement {
  readonly mode: RunMode;
  /** Number of the mesh on this machine, 1 to 9; 1 in containers. */
  readonly instance: number;
  /** Whether the gateway authenticates clients. */
  readonly edgeAuth: boolean;
  /** Origins whose pages may call the shop from a browser. */
  readonly corsOrigins: readonly string[];
  readonly pods: readonly Pod[];
  readonly gateway: {
    readonly listen: Address;
    /** As other parts reach it. */
    readonly address: Address;
    /** The same over TLS, where clients are authenticated: `listen` then redirects there. */
    readonly tls: ClientTls;
    readonly admin: Address;
    readonly adminBind: string;
  };
  readonly postgres: Address;
  readonly redis: Address;
  readonly rabbitmq: { readonly amqp: Address; readonly management: Address; readonly metrics: Address };
  readonly jaeger: {
    /** Address its receivers and pages bind. */
    readonly bind: string;
    readonly query: Address;
    /** gRPC form of the query API. Nothing here uses it, but Jaeger has no way not to bind it. */
    readonly queryGrpc: Address;
    readonly otlpGrpc: Address;
    readonly otlpHttp: Address;
    readonly health: Address;
    /** Jaeger's own metrics. */
    readonly metrics: Address;
    /** Metrics that went through the collector: spanmetrics and what the apps push. */
    readonly collectorMetrics: Address;
  };
  readonly prometheus: Address;
  readonly control: Address;
  readonly grafana: Address;
}

const loopback = '127.0.0.1';

/** What clients on this machine call the gateway. */
const localNames: readonly string[] = ['localhost', loopback, '::1'];

/** Distance between the addresses of two replicas of one service, in tens: one of ten holds nine services. */
const replicaStride = Math.ceil((services.length + 1) / 10) * 10;

function podNames(service: ServiceName, replica: number): { app: string; sidecar: string } {
  const suffix = replica === 1 ? '' : `-${replica}`;
  return { app: `${service}${suffix}`, sidecar: `${service}-sidecar${suffix}` };
}

/**
 * Native mode: servers on 127.0.0.1, each pod on a loopback address of its own, 127.0.0.11 and up
 * (replica 2: 127.0.0.21 and up; mesh 2: 127.0.1.11 and up).
 */
export function nativePlacement(
  options: {
    instance?: number;
    replicas?: Partial<Record<ServiceName, number>>;
    env?: NodeJS.ProcessEnv;
  } = {},
): Placement {
  const env = options.env ?? process.env;
  const instance = options.instance ?? instanceNumber(env);
  const at = (name: PortName): Address => ({ host: loopback, port: portOf(name, instance, env) });

  const pods = services.flatMap((service, index) =>
    Array.from({ length: options.replicas?.[service.name] ?? 1 }, (_, offset): Pod => {
      const replica = offset + 1;
      const address = `127.0.${instance - 1}.${replica * replicaStride + index + 1}`;
      const adminBind = replica === 1 ? loopback : address;
      return {
        service: service.name,
        replica,
        ...podNames(service.name, replica),
        inbound: { host: address, port: podPorts.inbound },
        inboundBind: address,
        localBind: address,
        admin: { host: adminBind, port: portOf(`${service.name}_admin`, instance, env) },
        adminBind,
      };
    }),
  );

  return {
    mode: 'native',
    instance,
    edgeAuth: edgeAuthOf(env),
    corsOrigins: corsOriginsOf(env),
    pods,
    gateway: {
      listen: at('gateway'),
      address: at('gateway'),
      tls: {
        listen: at('gateway_tls'),
        address: at('gateway_tls'),
        port: at('gateway_tls').port,
        names: localNames,
      },
      admin: at('gateway_admin'),
      adminBind: loopback,
    },
    postgres: at('postgres'),
    redis: at('redis'),
    rabbitmq: {
      amqp: at('rabbitmq'),
      management: at('rabbitmq_management'),
      metrics: at('rabbitmq_metrics'),
    },
    jaeger: {
      bind: loopback,
      query: at('jaeger'),
      queryGrpc: at('jaeger_grpc'),
      otlpGrpc: at('otlp_grpc'),
      otlpHttp: at('otlp_http'),
      health: at('jaeger_health'),
      metrics: at('jaeger_metrics'),
      collectorMetrics: at('collector_metrics'),
    },
    prometheus: at('prometheus'),
    control: at('control'),
    grafana: at('grafana'),
  };
}

/**
 * Compose mode: parts find each other by service name; an app's sidecar shares its network namespace. What the gateway asks
 * of clients has to be said: the files that are generated are the same whatever it is. `env` tells which ports are published.
 */
export function composePlacement(
  asked: Partial<AskedOfClients> & { env?: NodeJS.ProcessEnv } = {},
): Placement {
  return byName('compose', asked, asked.env);
}

/**
 * Kubernetes: parts find each other by the names of their Services in one namespace. A service has one entry, for all its
 * pods: its Service is headless, so that its name resolves to each of them, however many there are. The gateway there asks nobody
 * who it is: keys that sign, and a certificate for clients, would have to come to pods that share no directory with control.
 */
export function kubernetesPlacement(asked: Partial<Pick<AskedOfClients, 'corsOrigins'>> = {}): Placement {
  return byName('kubernetes', asked);
}

/** What the gateway asks of clients, and of whose pages. */
type AskedOfClients = Pick<Placement, 'edgeAuth' | 'corsOrigins'>;

function byName(
  mode: 'compose' | 'kubernetes',
  { edgeAuth = false, corsOrigins = [] }: Partial<AskedOfClients>,
  env: NodeJS.ProcessEnv = {},
): Placement {
  const everywhere = '0.0.0.0';
  const at = (host: string, name: PortName): Address => ({ host, port: portOf(name, 1, {}) });
  const pods = services.map(
    (service): Pod => ({
      service: service.name,
      replica: 1,
      ...podNames(service.name, 1),
      inbound: { host: service.name, port: podPorts.inbound },
      inboundBind: everywhere,
      localBind: loopback,
      admin: at(service.name, `${service.name}_admin`),
      adminBind: everywhere,
    }),
  );
  return {
    mode,
    instance: 1,
    edgeAuth,
    corsOrigins,
    pods,
    gateway: {
      listen: at(everywhere, 'gateway'),
      address: at('gateway', 'gateway'),
      tls: {
        listen: at(everywhere, 'gateway_tls'),
        address: at('gateway', 'gateway_tls'),
        port: portOf('gateway_tls', 1, env),
        names: [...localNames, 'gateway'],
      },
      admin: at('gateway', 'gateway_admin'),
      adminBind: everywhere,
    },
    postgres: at('postgres', 'postgres'),
    redis: at('redis', 'redis'),
    rabbitmq: {
      amqp: at('rabbitmq', 'rabbitmq'),
      management: at('rabbitmq', 'rabbitmq_management'),
      metrics: at('rabbitmq', 'rabbitmq_metrics'),
    },
    jaeger: {
      bind: everywhere,
      query: at('jaeger', 'jaeger'),
      queryGrpc: at('jaeger', 'jaeger_grpc'),
      otlpGrpc: at('jaeger', 'otlp_grpc'),
      otlpHttp: at('jaeger', 'otlp_http'),
      health: at('jaeger', 'jaeger_health'),
      metrics: at('jaeger', 'jaeger_metrics'),
      collectorMetrics: at('jaeger', 'collector_metrics'),
    },
    prometheus: at('prometheus', 'prometheus'),
    control: at('control', 'control'),
    grafana: at('grafana', 'grafana'),
  };
}

/** The pods of one service, replica 1 first. */
export function podsOf(placement: Placement, service: ServiceName): readonly Pod[] {
  return placement.pods.filter((pod) => pod.service === service);
}
