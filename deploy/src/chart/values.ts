/** `values.yaml` of the chart and its schema: what may be chosen at an installation. */
import { services } from '@microshop/topology';
import { type TProperties, Type } from 'typebox';
import { images } from '../images.ts';
import { text } from '../text.ts';
import { tlsServers } from './tls.ts';

/** Servers of the chart, each with one of your own in its place. */
const servers = ['postgres', 'rabbitmq', 'redis', 'jaeger', 'prometheus'] as const;

/** Those that keep something on a volume. */
const stores = ['postgres', 'rabbitmq', 'prometheus'] as const;

/** Images of ours, one for each service and one for the rest. */
const ownImages = [...services.map(({ name }) => name), 'lab'];

/** Images of others that the chart runs. */
const chartImages = ['envoy', ...servers, 'grafana'] as const;

/** An object that has exactly these fields, each of them optional: `values.yaml` has them all. */
const fields = <Fields extends TProperties>(properties: Fields, description?: string) =>
  Type.Partial(Type.Object(properties), {
    additionalProperties: false,
    ...(description === undefined ? {} : { description }),
  });

/** An amount with a unit. Thousandths are for cores alone: `128m` of memory would be an eighth of a byte. */
const quantity = (units: string, description: string) =>
  Type.Union([Type.String({ pattern: `^\\d+(\\.\\d+)?(${units})?$` }), Type.Number({ minimum: 0 })], {
    description,
  });
const bytes = (description: string) => quantity('k|Ki|Mi|Gi|Ti|M|G|T', description);
const amounts = fields({ cpu: quantity('m', 'cores: 100m is a tenth'), memory: bytes('bytes: 128Mi') });
const resources = fields(
  { requests: amounts, limits: amounts },
  'what a container gets, and may use at most',
);
const replicas = Type.Integer({ minimum: 1, maximum: 100 });
const autoscaling = fields(
  {
    enabled: Type.Boolean(),
    minReplicas: replicas,
    maxReplicas: replicas,
    cpuPercent: Type.Integer({ minimum: 1, maximum: 100, description: 'mean use of what the app requests' }),
    requestsPerSecond: Type.Integer({
      minimum: 0,
      description: 'of each pod, from the adapter for custom metrics; 0: not asked for',
    }),
  },
  'HorizontalPodAutoscaler; needs metrics-server. What asks for the most pods counts',
);
const workload = { replicas, autoscaling };
const digest = Type.String({ pattern: '^(sha256:[0-9a-f]{64})?$' });
const image = Type.String({ minLength: 1, description: 'name:tag' });
const volume = fields({
  enabled: Type.Boolean({ description: 'false: an emptyDir, gone with the pod' }),
  size: bytes('of the volume'),
  storageClass: Type.String({ description: "empty: the cluster's default" }),
});
const peers = (description: string) =>
  Type.Array(Type.Object({}, { additionalProperties: true }), { minItems: 1, description });
const labels = (description: string) => Type.Record(Type.String(), Type.String(), { description });
/** As browsers write it: without a path, and without the usual port of its scheme. */
const origin = Type.String({
  pattern: '^https?://(\\[[0-9a-f:]+\\]|[a-z0-9._-]+)(:[1-9]\\d*)?$',
  not: { pattern: '^(http://.*:80|https://.*:443)$' },
});
const dnsLabel = '[a-z0-9]([a-z0-9-]*[a-z0-9])?';
const external = {
  host: Type.String({
    // as Kubernetes writes names, and none of its Services leads to an address
    pattern: `^(${dnsLabel}(\\.${dnsLabel})*)?$`,
    not: { pattern: '^[0-9.]+$' },
    description: 'DNS name of your own server, at its usual ports; empty: the chart runs one',
  }),
  peers: peers('NetworkPolicyPeers that stand for it'),
};
const mayHaveTls = (server: string) => tlsServers.some((one) => one === server);
const externalServer = (server: string) => {
  const tls = Type.Boolean({ description: 'asked with TLS; its certificate has that name' });
  const properties: TProperties = mayHaveTls(server) ? { ...external, tls } : external;
  return fields(properties, 'a server of your own in place of the one for trying');
};

/** Schema of the values, JSON Schema. */
export const valuesSchema = fields({
  // added by Helm itself
  global: Type.Object({}, { additionalProperties: true }),
  image: fields(
    {
      prefix: Type.String({ description: 'before the name of each image of ours' }),
      tag: Type.String({ description: 'empty: the version of the app' }),
      digests: fields(
        Object.fromEntries(ownImages.map((name) => [name, digest])),
        'of the image of that tag; empty: whatever the tag names',
      ),
      pullPolicy: Type.Enum(['Always', 'IfNotPresent', 'Never']),
      pullSecrets: Type.Array(Type.Object({ name: Type.String() }, { additionalProperties: false })),
    },
    'images of ours',
  ),
  images: fields(Object.fromEntries(chartImages.map((name) => [name, image])), 'images of others'),
  services: fields(Object.fromEntries(services.map(({ name }) => [name, fields(workload)]))),
  gateway: fields({
    ...workload,
    service: fields({
      type: Type.Enum(['ClusterIP', 'NodePort', 'LoadBalancer']),
      annotations: labels('that a cloud reads of its load balancer, such as that it is internal'),
      loadBalancerSourceRanges: Type.Array(Type.String({ pattern: '^[0-9a-f.:]+/\\d{1,3}$' }), {
        description: 'whom its load balancer lets in, in CIDR notation; empty: everybody',
      }),
    }),
    corsOrigins: Type.Array(origin, { description: 'whose pages may call the shop from a browser' }),
  }),
  pods: fields(
    {
      nodeSelector: labels('labels of the nodes'),
      tolerations: Type.Array(Type.Object({}, { additionalProperties: true })),
      affinity: Type.Object({}, { additionalProperties: true }),
      priorityClassName: Type.String({ description: "empty: the cluster's default" }),
    },
    'on which nodes every pod runs, and before which others',
  ),
  resources: fields({
    app: resources,
    envoy: resources,
    agent: resources,
    control: resources,
    ...Object.fromEntries([...servers, 'grafana'].map((name) => [name, resources])),
  }),
  control: fields({ logLevel: Type.Enum(['debug', 'info', 'warn', 'error']), volume }),
  certificates: fields({
    certManager: fields(
      {
        enabled: Type.Boolean(),
        issuer: fields(
          {
            name: Type.String(),
            kind: Type.String({
              minLength: 1,
              description: 'Issuer, ClusterIssuer, or one of another group',
            }),
            group: Type.String({ minLength: 1 }),
          },
          'who signs; its Secrets must have ca.crt',
        ),
        duration: Type.String({ pattern: '^[1-9]\\d*h$', description: 'life of a certificate, hours: 24h' }),
      },
      'certificates of the mesh from cert-manager, in place of the control service',
    ),
  }),
  passwords: fields({
    existingSecret: Type.String({
      description: 'name of a Secret with all keys; empty: the chart makes one',
    }),
  }),
  dnsCacheSeconds: Type.Integer({
    minimum: 0,
    maximum: 300,
    description: "how long the cluster's DNS may answer from its cache (CoreDNS: cache)",
  }),
  keepData: Type.Boolean({ description: 'volumes and passwords outlive an uninstallation' }),
  ...Object.fromEntries(stores.map((name) => [name, fields({ volume })])),
  rabbitmq: fields({
    volume,
    replicas: Type.Enum([1, 3, 5], {
      description:
        'nodes; of several, most must run. Chosen at the installation: a single one has another name',
    }),
  }),
  gatewayApi: fields(
    {
      enabled: Type.Boolean(),
      parentRefs: Type.Array(
        Type.Object(
          { name: Type.String({ minLength: 1 }) },
          { additionalProperties: true, description: 'ParentReference of an HTTPRoute' },
        ),
        { description: 'Gateways of the cluster that lead to the shop' },
      ),
      hostnames: Type.Array(Type.String({ minLength: 1 }), { description: 'empty: those of the Gateways' }),
    },
    'an HTTPRoute for the cluster’s Gateway',
  ),
  monitoring: fields(
    {
      operator: Type.Enum(['auto', 'always', 'never'], {
        description: 'auto: where the cluster has it, and external.prometheus.host names its Prometheus',
      }),
      labels: labels('by which its Prometheus selects them'),
      scrapers: peers('NetworkPolicyPeers of a Prometheus outside of the chart'),
    },
    'PodMonitors and a PrometheusRule for the Prometheus operator',
  ),
  grafana: fields({
    enabled: Type.Boolean({ description: 'one in the chart, for trying' }),
    dashboards: fields(
      {
        enabled: Type.Boolean(),
        labels: labels('by which the sidecar of a Grafana finds them'),
        annotations: labels('for the sidecar, such as the folder'),
      },
      'dashboards as ConfigMaps',
    ),
  }),
  external: fields({
    ca: fields({
      secret: Type.String({
        description: 'Secret whose ca.crt has who signs for them; empty: public authorities only',
      }),
    }),
    ...Object.fromEntries(servers.map((name) => [name, externalServer(name)])),
  }),
  networkPolicies: fields({
    enabled: Type.Boolean(),
    clients: Type.Array(Type.Object({}, { additionalProperties: true }), {
      description: 'NetworkPolicyPeers that may reach the gateway; empty: all',
    }),
    dns: peers('NetworkPolicyPeers of the cluster’s DNS'),
    apiServerPorts: Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), {
      minItems: 1,
      description: 'of the API server, which the control service asks who an agent is',
    }),
  }),
});

/** The file `values.yaml`. */
export function chartValues(): string {
  const workloadOf = (indent: string) => [
    `${indent}replicas: 2`,
    `${indent}# needs metrics-server; it begins with one pod, whatever \`replicas\` says. requestsPerSecond: of each pod; 0: not counted`,
    `${indent}autoscaling: { enabled: false, minReplicas: 2, maxReplicas: 6, cpuPercent: 70, requestsPerSecond: 0 }`,
  ];
  return `${text`
    # Values of the chart; values.schema.json says what each may be.

    # Images of ours: <prefix><name>:<tag>, and @<its digest> where there is one
    image:
      prefix: microshop/
      # empty: the version of the app, in Chart.yaml
      tag: ""
      # sha256:…, of the image that the tag has to name
      digests: { ${ownImages.map((name) => `${name}: ""`).join(', ')} }
      pullPolicy: IfNotPresent
      pullSecrets: []

    # Images of others
    images:
      ${chartImages.map((name) => `${name}: ${images[name].image}`)}

    services:
      ${services.flatMap(({ name }) => [`${name}:`, ...workloadOf('  ')])}

    gateway:
      ${workloadOf('')}
      # annotations and ranges of addresses for the load balancer of a cloud: { service.beta.kubernetes.io/…: internal }, [10.0.0.0/8]
      service: { type: ClusterIP, annotations: {}, loadBalancerSourceRanges: [] }
      # pages of these may call the shop from a browser: [https://shop.example.com]
      corsOrigins: []

    # An HTTPRoute from the cluster's Gateway to the gateway above, which is still where the mesh begins.
    gatewayApi:
      enabled: false
      # at least one: [{ name: public, namespace: gateways, sectionName: https }]
      parentRefs: []
      hostnames: []

    # Of every pod, as Kubernetes writes them: nodes of their own, say, with a taint
    pods:
      nodeSelector: {}
      tolerations: []
      affinity: {}
      priorityClassName: ""

    # No limit of CPU: a limit slows a pod down while others idle. A request is what it gets when all are busy.
    resources:
      # the limits of compose
      app: { requests: { cpu: 100m, memory: 160Mi }, limits: { memory: 320Mi } }
      envoy: { requests: { cpu: 50m, memory: 64Mi }, limits: { memory: 128Mi } }
      agent: { requests: { cpu: 10m, memory: 96Mi }, limits: { memory: 192Mi } }
      control: { requests: { cpu: 50m, memory: 192Mi }, limits: { memory: 384Mi } }
      # what 50 orders a second take of it, also while starting pods keep all cores busy; sessions and page cache during an update: 531 MB
      postgres: { requests: { cpu: 200m, memory: 256Mi }, limits: { memory: 1Gi } }
      rabbitmq: { requests: { cpu: 100m, memory: 192Mi }, limits: { memory: 512Mi } }
      redis: { requests: { cpu: 20m, memory: 32Mi }, limits: { memory: 96Mi } }
      jaeger: { requests: { cpu: 50m, memory: 256Mi }, limits: { memory: 1536Mi } }
      prometheus: { requests: { cpu: 50m, memory: 128Mi }, limits: { memory: 512Mi } }
      grafana: { requests: { cpu: 20m, memory: 128Mi }, limits: { memory: 512Mi } }

    control:
      logLevel: info
      # its authority, faults and policies
      volume: { enabled: true, size: 1Gi, storageClass: "" }

    # Who issues the certificates by which pods know each other: the control service, unless cert-manager is chosen
    certificates:
      certManager:
        enabled: false
        # its name is needed; another that signs has its own kind and group
        issuer: { name: "", kind: Issuer, group: cert-manager.io }
        duration: 24h

    # The passwords of the servers. The chart makes them at the first installation and keeps them over upgrades.
    passwords:
      existingSecret: ""

    # How long the cluster's DNS may answer from its cache. A pod that is to end serves on for this time and 3 s more: callers find
    # the others by name.
    dnsCacheSeconds: 30

    # true: volumes and passwords outlive an uninstallation
    keepData: false

    # Parts with a volume; enabled: false is an emptyDir, lost with the pod
    ${stores.flatMap((name) => [
      `${name}:`,
      ...(name === 'rabbitmq' ? ['  # 1, 3 or 5; chosen at the installation', '  replicas: 1'] : []),
      '  volume: { enabled: true, size: 2Gi, storageClass: "" }',
    ])}

    # For a Prometheus that an operator runs: PodMonitors and a PrometheusRule
    monitoring:
      # auto: where the cluster has the operator, and external.prometheus.host names its Prometheus. always, never: do not ask
      operator: auto
      # by which its Prometheus selects them, such as { release: kube-prometheus-stack }
      labels: {}
      # NetworkPolicyPeers of a Prometheus outside of the chart: who may read metrics
      scrapers: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } } }]

    grafana:
      # one in the chart, for trying
      enabled: false
      # dashboards as ConfigMaps that the sidecar of your Grafana finds by these labels
      dashboards: { enabled: false, labels: { grafana_dashboard: "1" }, annotations: {} }

    # Servers of your own, by their DNS name and at their usual ports, in place of those for trying. \`peers\` are
    # NetworkPolicyPeers, the pods and addresses that may be reached for one: with many network plugins a range of addresses
    # has no pods in it, so they are named as well. With \`tls\` a server is asked by that name, which its certificate must
    # have; RabbitMQ at 5671 and 15671.
    external:
      # who signs their certificates: ca.crt of this Secret; empty: public authorities only
      ca: { secret: "" }
      ${servers.flatMap((name) => [
        `${name}:`,
        '  host: ""',
        ...(mayHaveTls(name) ? ['  tls: false'] : []),
        '  peers: [{ namespaceSelector: {} }, { ipBlock: { cidr: 0.0.0.0/0 } }, { ipBlock: { cidr: "::/0" } }]',
      ])}

    # Everything is refused but the edges of the topology.
    networkPolicies:
      enabled: true
      # NetworkPolicyPeers that may reach the gateway; empty: all
      clients: []
      # NetworkPolicyPeers that are the cluster's DNS: its pods, or a cache on each node (NodeLocal DNSCache)
      dns:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
        - ipBlock: { cidr: 169.254.0.0/16 }
      # of the API server, which the control service asks who an agent is: of its Service, and its own, such as 16443 (MicroK8s)
      # or 8443 (minikube): kubectl get endpointslices kubernetes --namespace default
      apiServerPorts: [443, 6443]
  `}\n`;
}

/** What must hold of several values together, JSON Schema. */
const together = [
  // the chart's own servers have no certificate
  ...tlsServers.map((server) => ({
    if: Type.Object({ external: Type.Object({ [server]: Type.Object({ tls: Type.Literal(true) }) }) }),
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: Type.Object({
      external: Type.Object({ [server]: Type.Object({ host: Type.String({ minLength: 1 }) }) }),
    }),
  })),
  {
    if: Type.Object({ gatewayApi: Type.Object({ enabled: Type.Literal(true) }) }),
    // an HTTPRoute without a Gateway leads nowhere, and a second entrance would bypass the Gateway
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: Type.Object({
      gatewayApi: Type.Object({ parentRefs: Type.Array(Type.Unknown(), { minItems: 1 }) }),
      gateway: Type.Object({ service: Type.Object({ type: Type.Literal('ClusterIP') }) }),
    }),
  },
  {
    if: Type.Object({
      certificates: Type.Object({ certManager: Type.Object({ enabled: Type.Literal(true) }) }),
    }),
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: Type.Object({
      certificates: Type.Object({
        certManager: Type.Object({ issuer: Type.Object({ name: Type.String({ minLength: 1 }) }) }),
      }),
    }),
  },
];

/** The file `values.schema.json`. */
export function chartSchema(): string {
  const schema = { $schema: 'http://json-schema.org/draft-07/schema#', ...valuesSchema, allOf: together };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
