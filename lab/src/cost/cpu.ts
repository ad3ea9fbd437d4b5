/** CPU time by who used it: what an order costs, wherever it is spent. */
import { statOf } from '@microshop/native/supervision/proc';
import { treeOf } from '@microshop/native/supervision/process-group';

/** Who uses CPU, in the order they are printed. `client` is the benchmark itself. */
export const consumers = ['services', 'Envoys', 'Jaeger', 'databases and broker', 'client'] as const;

/** One of {@link consumers}. */
export type Consumer = (typeof consumers)[number];

/** CPU time of each, milliseconds. */
export type CpuMs = Readonly<Record<Consumer, number>>;

/** A part as `./mesh status --json` shows it. */
interface RunningPart {
  readonly name: string;
  readonly kind: string;
  readonly pid: number | null;
}

/** Milliseconds per clock tick of `/proc/<pid>/stat` (`USER_HZ` is 100 on every Linux). */
const msPerTick = 10;

/**
 * Reads the CPU time used since each process began: of the services with those pids, and of the mesh's other parts with
 * all their processes. Prometheus and the control service are left out: they do the same for each second, whatever the orders.
 */
export function readCpu(services: readonly number[], parts: readonly RunningPart[]): CpuMs {
  const treesOf = (wanted: (part: RunningPart) => boolean) =>
    total(
      parts
        .filter(wanted)
        .flatMap(({ pid }) => (pid === null ? [] : treeOf(pid)))
        .map(({ pid }) => pid),
    );
  const { user, system } = process.cpuUsage();
  return {
    services: total(services),
    Envoys: treesOf(({ kind }) => kind === 'sidecar' || kind === 'gateway'),
    Jaeger: treesOf(({ name }) => name === 'jaeger'),
    'databases and broker': treesOf(({ name }) => ['postgres', 'rabbitmq', 'redis'].includes(name)),
    client: (user + system) / 1000,
  };
}

function total(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (statOf(pid)?.cpuTicks ?? 0), 0) * msPerTick;
}

/** CPU per order between two readings, milliseconds. */
export function cpuPerOrder(before: CpuMs, after: CpuMs, orders: number): CpuMs {
  const of = (consumer: Consumer) => (after[consumer] - before[consumer]) / orders;
  return {
    services: of('services'),
    Envoys: of('Envoys'),
    Jaeger: of('Jaeger'),
    'databases and broker': of('databases and broker'),
    client: of('client'),
  };
}
