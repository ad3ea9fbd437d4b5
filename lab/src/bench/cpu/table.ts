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

/**
 * CPU time between the two, by row. `owners` are the parts by pid; a process that descends from none of them is in
 * `others`. Ended children of a part count as the part's. Those of other processes are in `rest`: nothing says when they
 * used their time.
 */
export function cpuTable(before: Snapshot, after: Snapshot, owners: Owners): CpuTable {
  const ticks = new Map<Row, number>();
  const add = (row: Row, amount: number) => ticks.set(row, (ticks.get(row) ?? 0) + amount);
  for (const now of after.processes.values()) {
    const row = ownerOf(now, after, owners);
    const ofRow = (one: ProcessTicks) => (row === 'others' ? one.ticks - one.childTicks : one.ticks);
    const then = same(before.processes.get(now.pid), now);
    add(row, ofRow(now) - (then === undefined ? 0 : ofRow(then)));
  }
  // What a process that ended had used before is in its parent's figure now, if the parent waited for it.
  for (const [pid, ended] of endedBelow(before, after)) {
    const [then, now] = [before.processes.get(pid), after.processes.get(pid)];
    if (then === undefined || now === undefined) continue;
    const row = ownerOf(now, after, owners);
    if (row !== 'others') add(row, -Math.min(ended, now.childTicks - then.childTicks));
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

/** What the processes that ended had used before, ticks, by the nearest process above them that still runs. */
function endedBelow(before: Snapshot, after: Snapshot): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  const runs = (one: ProcessTicks) => same(after.processes.get(one.pid), one) !== undefined;
  for (const ended of before.processes.values()) {
    if (runs(ended)) continue;
    let above = before.processes.get(ended.parentPid);
    while (above !== undefined && !runs(above)) above = before.processes.get(above.parentPid);
    if (above !== undefined) sums.set(above.pid, (sums.get(above.pid) ?? 0) + ended.ticks);
  }
  return sums;
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

/** The row of a process: that of its part or of its process group, else that of the nearest process above it that has one. */
export function ownerOf(process: ProcessTicks, { processes }: Snapshot, owners: Owners): Row {
  for (let one: ProcessTicks | undefined = process; one !== undefined; one = processes.get(one.parentPid)) {
    const owner = owners.get(one.pid) ?? owners.get(one.group);
    if (owner !== undefined) return owner;
  }
  return 'others';
}
