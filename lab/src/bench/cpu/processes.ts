/** What the kernel says of CPU time: of every process that can be seen, and of the machine. */
import { readFileSync } from 'node:fs';
import { listPids, statOf } from '@microshop/native/supervision/proc';

/** CPU time of one process since it began, clock ticks. */
export interface ProcessTicks {
  readonly pid: number;
  readonly parentPid: number;
  readonly group: number;
  readonly startTicks: number;
  /** Its own, and that of its children that have ended and were waited for. */
  readonly ticks: number;
  /** Of these, the children's. */
  readonly childTicks: number;
}

/** CPU time of the whole machine since its boot, clock ticks (`cpu` in /proc/stat, proc_stat(5)). */
export interface MachineTicks {
  /** User and system time: what processes use. */
  readonly used: number;
  /** Interrupts, hard and soft. */
  readonly interrupts: number;
  /** What the hypervisor gave to other machines. */
  readonly stolen: number;
}

/** All of it at one moment. */
export interface Snapshot {
  readonly processes: ReadonlyMap<number, ProcessTicks>;
  readonly machine: MachineTicks;
}

/** Milliseconds per clock tick (`USER_HZ` is 100 on every Linux). */
export const msPerTick = 10;

/** Reads both. Throws when there is no /proc/stat. */
export function snapshot(): Snapshot {
  const processes = new Map<number, ProcessTicks>();
  for (const pid of listPids()) {
    const stat = statOf(pid);
    if (stat === undefined) continue;
    const { parentPid, group, startTicks, cpuTicks, childTicks } = stat;
    processes.set(pid, { pid, parentPid, group, startTicks, ticks: cpuTicks, childTicks });
  }
  return { processes, machine: machineTicks(readFileSync('/proc/stat', 'utf8')) };
}

/** Reads the line `cpu` of /proc/stat. Time of guests stands within user time already. Throws for another form. */
export function machineTicks(text: string): MachineTicks {
  const fields = /^cpu +(\d.*)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? [];
  const [user, nice, system, , , irq, softirq, steal = 0] = fields;
  if (
    user === undefined ||
    nice === undefined ||
    system === undefined ||
    irq === undefined ||
    softirq === undefined
  ) {
    throw new Error('/proc/stat has no line of all CPUs');
  }
  return { used: user + nice + system, interrupts: irq + softirq, stolen: steal };
}
