/** The shop as the chart has installed it in a namespace: its parts, and the pods of each. */
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { UsageError } from '../output/errors.ts';
import type { Connection } from './connection.ts';
import { ClusterError, clusterError, kubectl, type Place, placeText, refusalIn } from './errors.ts';

/** Labels of everything that the chart makes: of which chart it is, and of which part. */
const labels = { partOf: 'app.kubernetes.io/part-of', name: 'app.kubernetes.io/name' } as const;
const selector = `${labels.partOf}=microshop`;

/** A container of a pod that runs as long as the pod does. */
interface Container {
  readonly name: string;
  /** How often it was started again: what it wrote before that is another log. */
  readonly restarts: number;
  /** Whether it has a log. */
  readonly started: boolean;
}

/** A pod of the shop. */
export interface ShopPod {
  /** What it is a replica of: `orders`, `gateway`, `postgres`. */
  readonly part: string;
  readonly name: string;
  readonly ready: boolean;
  /** Whether its main container runs, ready or not: it can be asked. */
  readonly runs: boolean;
  /** Whether it is being taken away. */
  readonly ending: boolean;
  readonly containers: readonly Container[];
  readonly restarts: number;
  /** Milliseconds since the epoch; undefined before it has a node. */
  readonly startedAt: number | undefined;
  /** How a container of it ended that was started again; undefined where none was. */
  readonly lastEnd: string | undefined;
  /** Why it is not ready; undefined when it is. */
  readonly why: string | undefined;
}

/** A part of the shop: a Deployment or a StatefulSet. */
export interface ShopPart {
  readonly name: string;
  readonly kind: 'deployment' | 'statefulset';
  /** Pods it is to have. */
  readonly wanted: number;
}

/** Containers that live as long as the pod: a native sidecar is an init container that is started again. */
function lasting(pod: V1Pod): ReadonlySet<string> {
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return new Set([...sidecars, ...containers].map(({ name }) => name));
}

/** Why a container is not ready. */
function whyUnready({ name, state, restartCount }: V1ContainerStatus): string {
  if (state?.waiting !== undefined) return `${name}: ${state.waiting.reason ?? 'waiting'}`;
  if (state?.terminated !== undefined) return `${name}: ${endOf(state.terminated)}`;
  return restartCount > 0 ? `${name}: not ready, restarted` : `${name}: not ready`;
}

function endOf({ reason, exitCode }: { readonly reason?: string; readonly exitCode: number }): string {
  // most of them give "Error" as the reason
  return reason === undefined || reason === 'Error' ? `code ${exitCode}` : `${reason}, code ${exitCode}`;
}

/** A pod as it is shown. */
export function shopPod(pod: V1Pod): ShopPod {
  const { metadata, status } = pod;
  const lives = lasting(pod);
  // in start order: the first one that is not ready blocks the others
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const statuses = all.filter(({ name }) => lives.has(name));
  const conditions = status?.conditions ?? [];
  const ready = conditions.some(({ type, status: holds }) => type === 'Ready' && holds === 'True');
  const ending = metadata?.deletionTimestamp !== undefined;
  const unready = all.find((one) => !one.ready && one.state?.terminated?.exitCode !== 0);
  const unscheduled = conditions.find(
    ({ type, status: holds }) => type === 'PodScheduled' && holds === 'False',
  );
  const why = ending
    ? 'is ending'
    : unready === undefined
      ? (unscheduled?.message ?? status?.reason ?? status?.phase ?? 'unknown')
      : whyUnready(unready);
  const ended = statuses.findLast(({ lastState }) => lastState?.terminated !== undefined);
  const lastEnd = ended?.lastState?.terminated;
  const main = status?.containerStatuses ?? [];
  return {
    part: metadata?.labels?.[labels.name] ?? '',
    name: metadata?.name ?? '',
    ready: ready && !ending,
    runs: main.length > 0 && main.every(({ state }) => state?.running !== undefined),
    ending,
    containers: statuses.map(({ name, restartCount, state, lastState }) => ({
      name,
      restarts: restartCount,
      started:
        state?.running !== undefined ||
        state?.terminated !== undefined ||
        lastState?.terminated !== undefined,
    })),
    restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    startedAt: status?.startTime === undefined ? undefined : new Date(status.startTime).getTime(),
    lastEnd: ended === undefined || lastEnd === undefined ? undefined : `${ended.name}: ${endOf(lastEnd)}`,
    why: ready && !ending ? undefined : why,
  };
}

/** The pods of the shop, or of one part of it. Throws `ClusterError`. */
export async function podsIn(connection: Connection, part?: string): Promise<readonly ShopPod[]> {
  const { core, namespace } = connection;
  const labelSelector = part === undefined ? selector : `${selector},${labels.name}=${part}`;
  try {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector });
    return items.map(shopPod).sort((one, other) => one.name.localeCompare(other.name));
  } catch (error) {
    throw clusterError(error, 'list pods', connection);
  }
}

/** The parts of the shop, in the order of their names. Throws `ClusterError`. */
export async function partsIn(connection: Connection): Promise<readonly ShopPart[]> {
  const { apps, namespace } = connection;
  const within = { namespace, labelSelector: selector };
  try {
    const [deployments, sets] = await Promise.all([
      apps.listNamespacedDeployment(within),
      apps.listNamespacedStatefulSet(within),
    ]);
    const found = [
      ...deployments.items.map((item) => ({ kind: 'deployment' as const, item })),
      ...sets.items.map((item) => ({ kind: 'statefulset' as const, item })),
    ];
    return found
      .map(({ kind, item: { metadata, spec } }): ShopPart => {
        return { name: metadata?.name ?? '', kind, wanted: spec?.replicas ?? 1 };
      })
      .sort((one, other) => one.name.localeCompare(other.name));
  } catch (error) {
    throw clusterError(error, 'list deployments and statefulsets', connection);
  }
}

/** Whether the namespace exists; undefined for somebody who may not ask. */
async function namespaceExists({ core, namespace }: Connection): Promise<boolean | undefined> {
  try {
    await core.readNamespace({ name: namespace });
    return true;
  } catch (error) {
    const status = refusalIn(error)?.status;
    return status === 404 ? false : undefined;
  }
}

/** Throws why there is no shop: `UsageError` for a namespace that there is not, `ClusterError` where none is installed. */
export async function checkInstalled(connection: Connection): Promise<void> {
  // every Deployment may be scaled to zero
  if ((await partsIn(connection)).length > 0) return;
  if ((await namespaceExists(connection)) === false) {
    const { context, namespace } = connection;
    throw new UsageError(
      `There is no namespace "${namespace}" in the cluster of context ${context}; --namespace names the one of the shop`,
    );
  }
  throw new ClusterError(
    `No release of the chart is in ${placeText(connection)}; --namespace names another one, ./mesh up installs it there`,
  );
}

/** Why no pod of a part can be asked. */
export function nobodyOf(part: string, pods: readonly ShopPod[], place: Place): ClusterError {
  const [pod] = pods.filter(({ ending }) => !ending);
  if (pod === undefined) {
    return new ClusterError(
      `${part} has no pod in ${placeText(place)}: it was scaled to none, or is a server of your own; ${kubectl('get deployments,statefulsets')} shows it`,
    );
  }
  return new ClusterError(
    `${pod.name} is not ready (${pod.why ?? 'it does not run'}); ${kubectl(`describe pod ${pod.name}`)} shows why`,
  );
}
