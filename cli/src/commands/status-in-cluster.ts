/** `./mesh --context … status`: the pods of the shop in a cluster, and what is reported of them. */

import { clusterMesh } from '../cluster/mesh.ts';
import { partsIn, podsIn, type ShopPart, type ShopPod } from '../cluster/shop.ts';
import { controlClient } from '../mesh/control-client.ts';
import {
  changesAsked,
  ofRunning,
  readMeshReport,
  reportFields,
  reportLines,
  secondsText,
} from '../mesh/mesh-report.ts';
import { columns } from '../output/columns.ts';
import { exitCodes } from '../output/errors.ts';
import { folded, print, printJson } from '../output/output.ts';
import { styled } from '../output/style.ts';
import { readReplicas, replicaLines } from './replica-rows.ts';

/** A part with its pods. */
export interface PartStatus {
  readonly name: string;
  /** Whether every pod that it is to have is ready, and it has one. */
  readonly healthy: boolean;
  readonly wanted: number;
  readonly pods: readonly ShopPod[];
}

/** Each part with its pods; one that is ending counts no more. */
export function partStatuses(parts: readonly ShopPart[], pods: readonly ShopPod[]): PartStatus[] {
  return parts.map(({ name, wanted }) => {
    const own = pods.filter(({ part }) => part === name);
    const staying = own.filter(({ ending }) => !ending);
    const healthy = wanted > 0 && staying.length >= wanted && staying.every(({ ready }) => ready);
    return { name, healthy, wanted, pods: own };
  });
}

/** Rows of a part for people: its pods, and one for those that are missing. */
export function rowsOf({ name, wanted, pods }: PartStatus, now = Date.now()): string[][] {
  const missing = wanted - pods.filter(({ ending }) => !ending).length;
  return [
    ...pods.map((pod) => [
      name,
      pod.name,
      pod.why === undefined ? styled('green', 'ready') : styled(pod.ending ? 'yellow' : 'red', pod.why),
      String(pod.restarts),
      pod.startedAt === undefined ? '' : secondsText((now - pod.startedAt) / 1000),
      pod.lastEnd ?? '',
    ]),
    ...(missing > 0 ? [[name, '', styled('red', `${missing} missing of ${wanted}`)]] : []),
    ...(wanted === 0 ? [[name, '', styled('yellow', 'stopped: scaled to 0')]] : []),
  ];
}

/** The pods in the JSON document. */
function podFields({ name, ready, restarts, startedAt, lastEnd, why }: ShopPod) {
  return {
    name,
    ready,
    why: why ?? '',
    restarts,
    uptime_s: startedAt === undefined ? null : (Date.now() - startedAt) / 1000,
    last_exit: lastEnd ?? null,
  };
}

/** Prints it; exit code 1 unless every pod that there is to be is ready. */
export async function statusOfCluster(options: { readonly json?: boolean }): Promise<void> {
  const mesh = await clusterMesh();
  const { connection } = mesh;
  const { control, prometheus } = mesh.addresses;
  const [parts, pods] = await Promise.all([partsIn(connection), podsIn(connection)]);
  const statuses = partStatuses(parts, pods);
  const healthy = statuses.every((part) => part.healthy);
  if (!healthy) process.exitCode = exitCodes.failed;
  const [lastReport, replicas] = await Promise.all([
    // an app reports its pod's name
    readMeshReport({
      control,
      prometheus,
      changes: () => changesAsked(controlClient(control)),
      isThere: (part) => pods.some(({ name }) => name === part),
    }),
    readReplicas(control),
  ]);
  const report = ofRunning(lastReport, (part) => pods.some(({ name, runs }) => runs && name === part));
  const { context, namespace } = connection;
  if (options.json === true) {
    return printJson({
      mode: 'kubernetes',
      context,
      namespace,
      healthy,
      parts: statuses.map((part) => ({ ...part, pods: part.pods.map(podFields) })),
      replicas,
      ...reportFields(report),
    });
  }
  const wanted = statuses.reduce((sum, part) => sum + part.wanted, 0);
  const ready = statuses.flatMap((part) => part.pods.filter((pod) => pod.ready)).length;
  const count = `${ready} of ${Math.max(wanted, ready)} pods ready`;
  const problem = mesh.problemOf('control');
  const head = ['part', 'pod', 'health', 'restarts', 'up for', 'last end'];
  print(
    `The mesh in namespace ${namespace} of ${context}: ${healthy ? styled('green', count) : styled('red', count)}`,
    '',
    ...columns(
      head,
      statuses.flatMap((part) => rowsOf(part)),
      ['restarts', 'up for'],
    ),
    ...(problem === undefined ? [] : ['', ...problem.message.split('\n').flatMap((line) => folded(line))]),
    ...replicaLines(replicas),
    ...reportLines(report),
  );
}
