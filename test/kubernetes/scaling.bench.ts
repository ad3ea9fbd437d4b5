/**
 * What one, two and three replicas of every service come to, behind one gateway: orders per second of clients that wait for each
 * answer, and the CPU that an order takes of each container, by the kubelet. On a machine that does nothing else. Each number of replicas is
 * measured twice, on the way up and on the way down, so that a machine that becomes slower does not look like one of them:
 *
 *     MESH_KUBERNETES_LAB=… MESH_COMPOSE_STANDINS=… node_modules/.bin/node test/kubernetes/scaling.bench.ts
 */
import { cpus } from 'node:os';
import { columns } from '@microshop/cli/output/columns';
import { print } from '@microshop/cli/output/output';
import { quantile } from '@microshop/lab/statistics/spread';
import { identities, services } from '@microshop/topology';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { workersDo } from '../harness/load.ts';
import { processorsFrom } from '../runner/busy.ts';
import { clusterVariables, onCluster } from '../runner/cluster-under-test.ts';
import { single, skipped, sum, type Totals } from '../runner/totals.ts';
import { installed, noCluster, rolledOut } from './installed.ts';
import { namespace, type Release } from './release.ts';
import { openShop } from './shop.ts';

/** Replicas of each service, one measurement each. */
const steps = [1, 2, 3, 3, 2, 1] as const;

/** Clients, each with one order under way. */
const clients = 32;

/** How long they order before they are measured, and then, milliseconds. */
const warmMs = 12_000;
const measuredMs = 30_000;

/** One request each: what is refused counts as such. */
const once = { patienceMs: 0, again: () => false };

const usageSchema = Type.Object({
  pods: Type.Array(
    Type.Object({
      podRef: Type.Object({ name: Type.String(), namespace: Type.String() }),
      containers: Type.Array(
        Type.Object({
          name: Type.String(),
          cpu: Type.Optional(
            Type.Object({ time: Type.String(), usageCoreNanoSeconds: Type.Optional(Type.Number()) }),
          ),
          memory: Type.Optional(Type.Object({ workingSetBytes: Type.Optional(Type.Number()) })),
        }),
      ),
    }),
  ),
});

/** A container, what it has used of a core so far (seconds), as of when (milliseconds), and its memory (bytes). */
interface Usage {
  readonly key: string;
  readonly part: string;
  readonly seconds: number;
  readonly at: number;
  readonly bytes: number;
}

/** The part that a pod is of: what its Deployment or StatefulSet adds to the name is left out. */
function partOf(pod: string): string {
  return /^(.+?)(?:-[a-z0-9]+-[a-z0-9]{5}|-\d+)$/.exec(pod)?.[1] ?? pod;
}

/** Every container of the shop. */
async function usage(release: Release): Promise<readonly Usage[]> {
  const node = await release.kubectl('get', 'nodes', '--output', 'jsonpath={.items[0].metadata.name}');
  const said = await release.kubectl('get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`);
  const { pods } = Value.Parse(usageSchema, JSON.parse(said));
  return pods
    .filter(({ podRef }) => podRef.namespace === namespace)
    .flatMap(({ podRef: { name }, containers }) =>
      containers.map(({ name: container, cpu, memory }) => ({
        key: `${name} ${container}`,
        part: [...new Set([partOf(name), container])].join(': '),
        seconds: (cpu?.usageCoreNanoSeconds ?? 0) / 1e9,
        at: Date.parse(cpu?.time ?? ''),
        bytes: memory?.workingSetBytes ?? 0,
      })),
    );
}

/** Cores that each part has taken between two readings, by the times at which the kubelet took them. */
function coresOf(before: readonly Usage[], after: readonly Usage[]): ReadonlyMap<string, number> {
  const cores = new Map<string, number>();
  for (const { key, part, seconds, at } of after) {
    const earlier = before.find((one) => one.key === key);
    if (earlier === undefined || !(at > earlier.at)) continue;
    const share = (seconds - earlier.seconds) / ((at - earlier.at) / 1000);
    cores.set(part, (cores.get(part) ?? 0) + share);
  }
  return cores;
}

interface Measured {
  readonly replicas: number;
  readonly perSecond: number;
  readonly p95Ms: number;
  readonly refused: number;
  readonly cores: ReadonlyMap<string, number>;
  /** Cores of the machine that did something, whoever had them, and those that these clients took. */
  readonly busyCores: number;
  readonly clientCores: number;
  readonly mebibytes: number;
}

async function measured(replicas: number): Promise<Measured> {
  const sets = services.flatMap(({ name }) => ['--set', `services.${name}.replicas=${replicas}`]);
  // what three pods of each request has to fit on two cores; agents do next to nothing
  const fewer = ['--set', 'gateway.replicas=1', '--set', 'resources.agent.requests.cpu=5m'];
  const release = await installed(...sets, ...fewer);
  await rolledOut(release, identities);
  const shop = await openShop(release);
  try {
    const orderFor = async (ms: number) => {
      const end = performance.now() + ms;
      return await workersDo(
        clients,
        () => shop.buy(once),
        () => performance.now() >= end,
      );
    };
    await orderFor(warmMs);
    const before = await usage(release);
    const began = performance.now();
    const [busy, own] = [processorsFrom(), process.cpuUsage()];
    const orders = await orderFor(measuredMs);
    const seconds = (performance.now() - began) / 1000;
    const busyCores = busy() * cpus().length;
    const { user, system } = process.cpuUsage(own);
    const after = await usage(release);
    const accepted = orders.filter(({ answer }) => answer.last?.status === 201);
    return {
      replicas,
      perSecond: accepted.length / seconds,
      p95Ms: quantile(
        accepted.map(({ tookMs }) => tookMs),
        0.95,
      ),
      refused: orders.length - accepted.length,
      cores: coresOf(before, after),
      busyCores,
      clientCores: (user + system) / 1e6 / seconds,
      mebibytes: after.reduce((total, { bytes }) => total + bytes, 0) / 2 ** 20,
    };
  } finally {
    await shop.close();
  }
}

/** Measures each step, and prints a column for each. */
async function scale(): Promise<Totals> {
  const none = process.env[clusterVariables.none];
  if (none !== undefined) return skipped(none);
  const all: Measured[] = [];
  for (const replicas of steps) {
    const one = await measured(replicas);
    print(`${replicas} of each service: ${one.perSecond.toFixed(1)} orders per second`);
    all.push(one);
  }
  const byReplicas = all.toSorted((one, other) => one.replicas - other.replicas);
  const head = ['replicas', ...byReplicas.map(({ replicas }) => String(replicas))];
  const row = (name: string, value: (of: Measured) => string) => [name, ...byReplicas.map(value)];
  const parts = [...new Set(byReplicas.flatMap(({ cores }) => [...cores.keys()]))].sort();
  const coresIn = ({ cores }: Measured) => [...cores.values()].reduce((total, one) => total + one, 0);
  const perOrder = (cores: number, { perSecond }: Measured) => ((cores * 1000) / perSecond).toFixed(2);
  const rows = [
    row('orders per second', ({ perSecond }) => perSecond.toFixed(1)),
    row('the same per replica', ({ perSecond, replicas }) => (perSecond / replicas).toFixed(1)),
    row('p95, ms', ({ p95Ms }) => p95Ms.toFixed(0)),
    row('refused', ({ refused }) => String(refused)),
    row('memory, MiB', ({ mebibytes }) => mebibytes.toFixed(0)),
    row(`busy cores of ${cpus().length}`, ({ busyCores }) => busyCores.toFixed(2)),
    row('  of the shop', (of) => coresIn(of).toFixed(2)),
    row('  of the clients', ({ clientCores }) => clientCores.toFixed(2)),
    row('CPU of an order, ms', (of) => perOrder(coresIn(of), of)),
    ...parts.map((part) => row(`  ${part}`, (of) => perOrder(of.cores.get(part) ?? 0, of))),
  ];
  print('', ...columns(head, rows, head.slice(1)));
  return single(true);
}

// in a cluster that is there, else in one of its own
const { passed } = noCluster === false ? await scale() : await onCluster(async () => sum([]), scale);
if (passed === 0) process.exitCode = 1;
