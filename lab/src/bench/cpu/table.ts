/**
 * CPU time between two moments, by who used it. The rows add up to what the kernel says the machine used: what no process
 * that can be seen accounts for has a row of its own.
 */
import { msPerTick, type ProcessTicks, type Snapshot } from './processes.ts';

/** Who uses CPU, in the order in which they are shown: the mesh first. */
export const meshRows = [
  'services',
  'Envoys',
  'PostgreSQL',
  'RabbitMQ',
  'Redis',
  'Jaeger',
  'Prometheus',
  'control',
  'runner',
] as const;

/** `others`: foreign processes; `rest`: what no process accounts for, ended foreign ones among it. */
export const rows = [...meshRows, 'client', 'others', 'interrupts', 'rest'] as const;

/** Name of a row. */
export type Row = (typeof rows)[number];

/** CPU time by row, milliseconds. */
export type CpuMs = Readonly<Record<Row, number>>;

/** CPU time between two moments. */
export interface CpuTable {
  readonly ms: CpuMs;
  /** What all rows add up to: the kernel's figure, milliseconds. */
  readonly machineMs: number;
  /** What the hypervisor gave to other machines meanwhile, milliseconds; in no row. */
  readonly stolenMs: number;
}

/** Whose a process is: by the pid of its part or of its process group, else as its parent. */
export type Owners = ReadonlyMap<number, Row>;

/** Time between the two, by row. `owners` are the parts by pid; what is below none of them is `others`. */
export function cpuTable(before: Snapshot, after: Snapshot, owners: Owners): CpuTable {
  const ticks = new Map<Row, number>();
  const add = (row: Row, amount: number) => ticks.set(row, (ticks.get(row) ?? 0) + amount);
  for (const now of after.processes.values()) {
    const then = same(before.processes.get(now.pid), now);
    add(ownerOf(now, after, owners), now.ticks - (then?.ticks ?? 0));
  }
  // What a process that ended had used before is in its parent's figure now, if the parent waited for it.
  for (const then of before.processes.values()) {
    if (same(after.processes.get(then.pid), then) !== undefined) continue;
    const parent = before.processes.get(then.parentPid);
    const parentNow = parent && same(after.processes.get(parent.pid), parent);
    if (parent === undefined || parentNow === undefined) continue;
    if (parentNow.childTicks - parent.childTicks >= then.ticks) {
      add(ownerOf(parentNow, after, owners), -then.ticks);
    }
  }
  const used = after.machine.used - before.machine.used;
  const seen = [...ticks.values()].reduce((sum, amount) => sum + amount, 0);
  const interrupts = after.machine.interrupts - before.machine.interrupts;
  add('rest', used - seen);
  add('interrupts', interrupts);
  return {
    ms: byRow((row) => (ticks.get(row) ?? 0) * msPerTick),
    machineMs: (used + interrupts) * msPerTick,
    stolenMs: (after.machine.stolen - before.machine.stolen) * msPerTick,
  };
}

/** What the mesh itself used, without its client, milliseconds. */
export function meshMs(ms: CpuMs): number {
  return meshRows.reduce((sum, row) => sum + ms[row], 0);
}

/** One figure for each row. */
export function byRow(of: (row: Row) => number): CpuMs {
  return {
    services: of('services'),
    Envoys: of('Envoys'),
    PostgreSQL: of('PostgreSQL'),
    RabbitMQ: of('RabbitMQ'),
    Redis: of('Redis'),
    Jaeger: of('Jaeger'),
    Prometheus: of('Prometheus'),
    control: of('control'),
    runner: of('runner'),
    client: of('client'),
    others: of('others'),
    interrupts: of('interrupts'),
    rest: of('rest'),
  };
}

/** The process if it is the same one: a pid alone may have been given to another. */
function same(one: ProcessTicks | undefined, other: ProcessTicks): ProcessTicks | undefined {
  return one?.startTicks === other.startTicks ? one : undefined;
}

function ownerOf(process: ProcessTicks, { processes }: Snapshot, owners: Owners): Row {
  for (let one: ProcessTicks | undefined = process; one !== undefined; one = processes.get(one.parentPid)) {
    const owner = owners.get(one.pid) ?? owners.get(one.group);
    if (owner !== undefined) return owner;
  }
  return 'others';
}
