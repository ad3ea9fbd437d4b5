/**
 * How fast the machine is before and after a run, without what the mesh and this command do themselves: right after the load
 * Jaeger writes, sidecars flush and this process collects its memory, for tens of milliseconds to seconds.
 */
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { statOf } from '@microshop/native/supervision/proc';
import type { SupervisorClient } from '@microshop/native/supervision/supervisor-client';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { timePieces } from '../bench/cpu/calibrate.ts';
import { snapshot } from '../bench/cpu/processes.ts';
import { cpuTable, meshMs, type Owners, type Row } from '../bench/cpu/table.ts';
import { quantile } from '../statistics/spread.ts';

/**
 * Pieces of work in a slice, about 100 ms in all: as long as the period in which Linux deals out CPU time where it is limited
 * (`cpu.max`: 100 ms unless set otherwise), and tens of turns of its scheduler (`base_slice_ns`: 3 ms at most). So no slice
 * passes between the turns of a process that works all the time, or before a limit is used up.
 */
const piecesOfSlice = 10;

/** Slices before those that count, by which V8 has compiled the work. */
const warmUpSlices = 1;

/** Slices that count: with the pauses between them about two seconds, longer than a collector's pause or a flush. */
const slices = 12;

/** Pause between two slices, milliseconds: what this process has put off is done in it. */
const pauseMs = 50;

/** The time that a quarter of the slices keeps: three of four may be disturbed, while a machine that is slower is so in all. */
const keptBy = 0.25;

/** The mesh is idle while it uses no more CPUs than this: without load it uses up to 0.18 (9 % of two), so twice that. */
const idleCpus = 0.36;

/** Stretch over which that is counted, milliseconds: 50 ticks of the kernel's clock. */
const idleOverMs = 500;

/** Time the mesh may take to become idle, milliseconds: Envoys send what they have of traces every 1 s, apps metrics every few. */
const idleLimitMs = 10_000;

/** What the speed is measured with. */
export interface SpeedHands {
  /** Does a slice of work, which is always the same; gives the milliseconds it took. */
  slice(): number;
  pause(ms: number): Promise<void>;
  /** CPUs that the mesh uses on average over the next milliseconds; `undefined` where no mesh is. */
  meshCpus(ms: number): Promise<number | undefined>;
}

/**
 * Milliseconds that a slice takes. Waits until the mesh is idle, for ten seconds at most, and takes about two. A neighbour who
 * works at all times makes every slice longer, so it is seen; one who works for less than three quarters of the time is not.
 */
export async function sliceMs(hands: SpeedHands): Promise<number> {
  for (let waited = 0; waited < idleLimitMs; waited += idleOverMs) {
    if (((await hands.meshCpus(idleOverMs)) ?? 0) <= idleCpus) break;
  }
  for (let slice = 0; slice < warmUpSlices; slice += 1) hands.slice();
  const times: number[] = [];
  for (let slice = 0; slice < slices; slice += 1) {
    await hands.pause(pauseMs);
    times.push(hands.slice());
  }
  return quantile(times, keptBy);
}

/** What is done on any machine. */
const work = {
  slice: () => timePieces(piecesOfSlice),
  pause: (ms: number) => delay(ms),
} as const;

/** The hands on this machine, beside that mesh. */
export function speedHands(client: Pick<SupervisorClient, 'status'>): SpeedHands {
  return {
    ...work,
    async meshCpus(ms) {
      const status = await client.status();
      if (status === undefined) return undefined;
      const owners = meshOwners(status);
      const before = snapshot();
      const began = performance.now();
      await delay(ms);
      return meshMs(cpuTable(before, snapshot(), owners).ms) / (performance.now() - began);
    },
  };
}

/**
 * The hands in a container, from which the processes of the mesh are not seen: what counts is the whole machine, of which the
 * kernel tells every container. So a neighbour who works all the time is waited for, too, the ten seconds that are waited at most.
 */
export const containerHands: SpeedHands = {
  ...work,
  async meshCpus(ms) {
    const before = busyMs();
    const began = performance.now();
    await delay(ms);
    return (busyMs() - before) / (performance.now() - began);
  },
};

/** Time that all CPUs have worked since the machine was started, milliseconds. */
function busyMs(): number {
  return os.cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
}

/** Every process of the mesh in one row, whatever its part is; a part has a process group of its own. */
function meshOwners({ parts, supervisor_pid: supervisor }: MeshStatus): Owners {
  const pids = [...parts.map(({ pid }) => pid), supervisor].flatMap((pid) => pid ?? []);
  return new Map(
    pids.flatMap((pid) => [pid, statOf(pid)?.group ?? pid].map((id): [number, Row] => [id, 'services'])),
  );
}
