/** `files/topology.yaml` of the chart: what its templates go through, service by service. */
import { drainPath, envoyArguments, nameRefreshMs } from '@microshop/envoy';
import {
  type Address,
  breakerServices,
  brokerServices,
  databaseConnections,
  gatewayPolicy,
  identities,
  kubernetesPlacement,
  type Pod,
  podPorts,
  podTokenAudience,
  replicaCheck,
  serviceNamed,
  spiffeId,
} from '@microshop/topology';
import { stringify } from 'yaml';
import { appEnvironment, telemetryEnvironment } from '../app-environment.ts';
import { consumers, passwordFile, passwordsOf } from '../consumers.ts';
import { controlDirectories, ownBreakers, ownSecrets } from '../container-paths.ts';
import { agentMemory, programs } from '../programs.ts';
import { grafanaEnvironment } from '../settings/grafana.ts';
import { clusterArguments, serverSettings } from '../settings/postgres.ts';
import { brokerNodes, brokerVmArguments } from '../settings/rabbitmq.ts';
import { brokerNodePorts, connections, testPod } from './connections.ts';
import { tlsWays } from './tls.ts';

const placement = kubernetesPlacement();

/** Where an Envoy finds how it begins; what it watches is below its working directory. */
const bootstrapFile = '/etc/envoy-bootstrap/mesh.yaml';

/**
 * Time in which an Envoy asks its callers, one after the other, to go elsewhere once its pod ends, seconds: longer than a change
 * of endpoints takes to reach them.
 */
const drainSeconds = 5;

/** How a pod leaves, and what a new one proves before another leaves, seconds. */
const leaving = {
  /** Until every caller has heard which pods there are, beyond what DNS servers keep: it resolves the name again, and checks. */
  hears: Math.ceil((nameRefreshMs + replicaCheck.intervalMs) / 1000),
  /** An app drains and ends within 12 s of being told to (packages/service-kit/src/run.ts); its sidecars end after it. */
  ends: 20,
  /** The gateway's longest answer, to a request that came when its drain was over. */
  answers: Math.ceil(gatewayPolicy.timeoutMs / 1000) + 1,
  /** A new pod stays ready for this time before an old one is told to leave. */
  proves: 5,
} as const;

/** Metric of each pod by which its Deployment can be scaled; an adapter makes it of what Envoys count (docs/kubernetes.md). */
const requestsMetric = 'shop_requests_per_second';

/** Connections to the PostgreSQL of the chart. */
const postgresConnections = {
  ofPod: databaseConnections.work + databaseConnections.health,
  /** Of the control service, of people, and those kept for superusers. */
  others: 20,
  /** Enough for an update of all services at once with as many pods as the chart scales to by itself; it refuses more pods. */
  most: 500,
} as const;

/** Key of the secret that the nodes of a broker show each other. */
const brokerCookie = 'rabbitmq-erlang-cookie';

/** The name of the pod in its own environment, as Kubernetes fills it in. */
const podName = '$(POD_NAME)';

/** Where Grafana finds its dashboards, in its pod. */
export const dashboardsInPod = '/etc/grafana/dashboards';

function url({ host, port }: Address, scheme = 'http'): string {
  return `${scheme}://${host}:${port}`;
}

function passwordKeys(consumer: string): readonly string[] {
  return consumers
    .filter(({ name }) => name === consumer)
    .flatMap(({ passwords }) => passwords.map(passwordFile));
}

/** A service as its Deployment needs it. */
function serviceFacts(pod: Pod) {
  const { name } = serviceNamed(pod.service);
  return {
    name,
    envoy: pod.sidecar,
    admin: pod.admin.port,
    environment: appEnvironment(
      placement,
      { ...pod, app: podName },
      {
        password: (password) => `${ownSecrets}/${passwordFile(password)}`,
        breakers: ownBreakers,
      },
    ),
    passwords: passwordsOf(name).map(passwordFile),
    breakers: breakerServices.includes(name),
    broker: brokerServices.includes(name),
  };
}

/** What the control service reads, and the command beside it. */
function controlEnvironment(): Readonly<Record<string, string>> {
  const { gateway, jaeger, prometheus, control, postgres, rabbitmq, redis } = placement;
  return {
    MESH_MODE: placement.mode,
    MESH_STATE_DIR: controlDirectories.state,
    MESH_URL_GATEWAY: url(gateway.address),
    MESH_URL_JAEGER: url(jaeger.query),
    MESH_URL_PROMETHEUS: url(prometheus),
    MESH_URL_CONTROL: url(control),
    HOST: '0.0.0.0',
    PORT: String(control.port),
    ...telemetryEnvironment(placement, 'control', podName),
    // its reads of traces would appear among the traces it reads
    OTEL_TRACES_EXPORTER: 'none',
    // running out of memory shows in its log before the kernel kills it silently
    NODE_OPTIONS: '--max-old-space-size=256',
    MESH_SECRETS_DIR: controlDirectories.secrets,
    MESH_CERTIFICATES_DIR: `${controlDirectories.state}/certificates`,
    MESH_URL_POSTGRES: url(postgres, 'postgres'),
    MESH_URL_AMQP: url(rabbitmq.amqp, 'amqp'),
    MESH_URL_RABBITMQ: url(rabbitmq.management),
    MESH_URL_REDIS: url(redis, 'redis'),
  };
}

/** The file's text. */
export function chartFacts(): string {
  const { gateway, postgres, redis, rabbitmq, jaeger, prometheus, control, grafana } = placement;
  return stringify(
    {
      identities: identities.map((name) => ({ name, uri: spiffeId(name) })),
      services: placement.pods.map(serviceFacts),
      gateway: { envoy: 'gateway', port: gateway.address.port, admin: gateway.admin.port },
      ports: {
        inbound: podPorts.inbound,
        ownAdmin: podPorts.admin,
        agent: podPorts.agent,
        postgres: postgres.port,
        redis: redis.port,
        rabbitmq: rabbitmq.amqp.port,
        rabbitmqManagement: rabbitmq.management.port,
        rabbitmqMetrics: rabbitmq.metrics.port,
        brokerEpmd: brokerNodePorts.epmd,
        brokerDistribution: brokerNodePorts.distribution,
        jaegerQuery: jaeger.query.port,
        jaegerHealth: jaeger.health.port,
        otlpGrpc: jaeger.otlpGrpc.port,
        otlpHttp: jaeger.otlpHttp.port,
        jaegerMetrics: jaeger.metrics.port,
        collectorMetrics: jaeger.collectorMetrics.port,
        prometheus: prometheus.port,
        control: control.port,
        grafana: grafana.port,
      },
      envoy: {
        arguments: [
          ...envoyArguments(bootstrapFile),
          ...['--drain-time-s', String(drainSeconds), '--log-level', 'warning'],
        ],
        drainSeconds,
        drainPath,
        environment: {
          OTEL_RESOURCE_ATTRIBUTES: `service.instance.id=${podName},deployment.environment.name=${placement.mode}`,
        },
      },
      leaving,
      control: { environment: controlEnvironment(), passwords: controlPasswords() },
      // every password by its key in the Secret, and those that each server mounts
      passwords: passwordKeys('postgres').concat(['rabbitmq', 'redis'].flatMap((name) => passwordKeys(name))),
      postgres: {
        passwords: passwordKeys('postgres'),
        arguments: Object.entries({ ...serverSettings, max_connections: postgresConnections.most }).map(
          ([name, value]) => `-c${name}=${value}`,
        ),
        connections: postgresConnections,
        initdb: clusterArguments.join(' '),
      },
      rabbitmq: {
        passwords: passwordKeys('rabbitmq'),
        vm: brokerVmArguments,
        cookie: brokerCookie,
        node: brokerNodes.nodeOf(podName),
        nodes: brokerNodes.service,
      },
      redis: { passwords: passwordKeys('redis') },
      tls: tlsWays(placement),
      grafana: {
        passwords: passwordKeys('grafana'),
        environment: grafanaEnvironment(dashboardsInPod, String(jaeger.query.port)),
        dashboards: dashboardsInPod,
      },
      requestsMetric,
      programs: { agent: ['node', ...agentMemory, programs.agent], command: programs.command },
      tokenAudience: podTokenAudience,
      testPod,
      connections: connections(placement),
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

/** Passwords of the control service: by the directory below its own in which it finds each. */
function controlPasswords(): Readonly<Record<string, string>> {
  return Object.fromEntries(['audit', 'rabbitmq', 'redis'].map((name) => [name, `${name}-password`]));
}
