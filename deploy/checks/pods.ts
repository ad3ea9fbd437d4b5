/** Services, pods and networks: what the topology says about who is there and who reaches whom. */
import { envoyArguments } from '@microshop/envoy';
import {
  composePlacement,
  eventRoutes,
  podPorts,
  podsOf,
  type Service,
  services as shop,
} from '@microshop/topology';
import { type ComposeFile, networksOf, serviceOf } from './compose-file.ts';

/** Everything beside the pods. */
const others = [
  ...['gateway', 'control', 'mesh', 'k6'],
  ...['postgres', 'rabbitmq', 'redis', 'jaeger', 'prometheus', 'grafana'],
];

/** Where each Envoy finds its configuration. */
const envoyConfig = '/etc/envoy/mesh.yaml';

/** Whether a service publishes or consumes events. */
function usesBroker(service: Service): boolean {
  return eventRoutes.some(({ from, to }) => from === service.name || to === service.name);
}

/** Networks of a pod. */
function expectedNetworks(service: Service): string[] {
  return [
    ...['mesh', 'telemetry', `${service.name}-db`],
    ...(usesBroker(service) ? ['messaging'] : []),
    ...(service.cache ? ['cache'] : []),
  ];
}

function differs(what: string, found: unknown, expected: unknown): string[] {
  const [has, wanted] = [JSON.stringify(found), JSON.stringify(expected)];
  return has === wanted ? [] : [`${what} is ${has}, not ${wanted}`];
}

function sorted(names: readonly string[]): string[] {
  return [...names].sort();
}

function envoyProblems(file: ComposeFile, name: string): string[] {
  const { command, volumes } = serviceOf(file, name);
  return [
    ...differs(`${name}: command`, command, [
      'envoy',
      ...envoyArguments(envoyConfig),
      ...['--log-level', 'warning'],
    ]),
    ...(volumes?.includes(`./envoy/generated/compose/${name}.yaml:${envoyConfig}:ro`)
      ? []
      : [`${name} does not mount its own configuration at ${envoyConfig}`]),
  ];
}

function podProblems(file: ComposeFile, service: Service): string[] {
  const { name } = service;
  const pod = `${name}-pod`;
  const { networks } = serviceOf(file, pod);
  const aliases = (network: string) =>
    networks === undefined || Array.isArray(networks) ? [] : networks[network]?.aliases;
  const { environment = {}, depends_on: dependsOn } = serviceOf(file, name);
  const [placed] = podsOf(composePlacement(), name);
  const health = (part: string) => serviceOf(file, part).healthcheck?.test.join(' ') ?? '';
  const inPod = [name, placed?.sidecar ?? ''].flatMap((part) => [
    ...(/<\/proc\/net\/route .*kill 1/.test(health(part))
      ? []
      : [`${part} stays in a namespace without a network: its health check does not end it`]),
    ...differs(`${part}: network_mode`, serviceOf(file, part).network_mode, `service:${pod}`),
    // a pod that is made anew has another namespace: both must follow
    ...differs(`${part}: restart with its pod`, serviceOf(file, part).depends_on?.[pod]?.restart, true),
  ]);
  const reached = [podPorts.app, podPorts.inbound];
  const joined = reached.every((port) => health(pod).includes(`/dev/tcp/127.0.0.1/${port} `));
  const sidecarHealth = serviceOf(file, placed?.sidecar ?? '').environment?.['HEALTH'];
  return [
    ...inPod,
    ...(joined ? [] : [`the health check of ${pod} does not reach ${reached.join(', ')} in its namespace`]),
    // by its name on the network: whoever asks so finds the pod that is there now
    ...differs(`${placed?.sidecar}: HEALTH`, sidecarHealth, `${pod}:${placed?.admin.port}/ready`),
    ...['mesh', 'telemetry'].flatMap((network) =>
      differs(`${pod}: its name on ${network}`, aliases(network), [placed?.inbound.host]),
    ),
    ...differs(`${pod}: networks`, sorted(networksOf(file, name)), sorted(expectedNetworks(service))),
    ...differs(`${name}: HOST`, environment['HOST'], placed?.localBind),
    ...differs(`${name}: PORT`, environment['PORT'], String(podPorts.app)),
    ...differs(
      `${name}: MESH_OUTBOUND_URL`,
      environment['MESH_OUTBOUND_URL'],
      `http://127.0.0.1:${podPorts.outbound}`,
    ),
    ...differs(`${name}: waits for PostgreSQL`, dependsOn?.['postgres']?.condition, 'service_healthy'),
  ];
}

/** Calls of the topology whose two ends share no network. */
function edgeProblems(file: ComposeFile): string[] {
  const share = (one: string, other: string) => {
    const common = networksOf(file, one).filter((network) => networksOf(file, other).includes(network));
    return common.length > 0 ? [] : [`${one} and ${other} share no network`];
  };
  return [
    ...shop.flatMap(({ name, calls }) => calls.flatMap((callee) => share(name, callee))),
    ...shop.flatMap(({ name }) => [
      ...share('gateway', name),
      ...share(name, 'postgres'),
      ...share(name, 'jaeger'),
    ]),
    ...shop.filter(usesBroker).flatMap(({ name }) => share(name, 'rabbitmq')),
    ...shop.filter(({ cache }) => cache).flatMap(({ name }) => share(name, 'redis')),
    ...['rabbitmq', 'jaeger', 'gateway', 'k6', 'grafana'].flatMap((name) => share('prometheus', name)),
    ...['mesh', 'k6', 'control'].flatMap((name) => share('gateway', name)),
    ...['postgres', 'redis', 'rabbitmq'].flatMap((name) => share('control', name)),
  ];
}

/** Networks that more know than should. */
function isolationProblems(file: ComposeFile): string[] {
  const members = (network: string) =>
    sorted(Object.keys(file.services).filter((name) => networksOf(file, name).includes(network)));
  const pods = (of: readonly Service[]) => of.flatMap(({ name }) => [name, `${name}-pod`, `${name}-sidecar`]);
  return [
    ...shop.flatMap((service) =>
      differs(
        `members of ${service.name}-db`,
        members(`${service.name}-db`),
        sorted(['postgres', ...pods([service])]),
      ),
    ),
    ...differs(
      'members of messaging',
      members('messaging'),
      sorted(['rabbitmq', 'prometheus', ...pods(shop.filter(usesBroker))]),
    ),
    ...differs(
      'members of cache',
      members('cache'),
      sorted(['redis', ...pods(shop.filter(({ cache }) => cache))]),
    ),
    ...differs('members of audit', members('audit'), sorted(['control', 'postgres', 'rabbitmq', 'redis'])),
  ];
}

/** What is wrong with services, pods and networks; empty when nothing is. */
export function podProblemsOf(file: ComposeFile): string[] {
  const expected = [...others, ...shop.flatMap(({ name }) => [name, `${name}-pod`, `${name}-sidecar`])];
  const names = differs('names of the services', sorted(Object.keys(file.services)), sorted(expected));
  if (names.length > 0) return names;
  return [
    ...shop.flatMap((service) => podProblems(file, service)),
    ...['gateway', ...shop.map(({ name }) => `${name}-sidecar`)].flatMap((name) => envoyProblems(file, name)),
    ...edgeProblems(file),
    ...isolationProblems(file),
  ];
}
