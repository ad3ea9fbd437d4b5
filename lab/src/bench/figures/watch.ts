/** CPU of the machine while something goes on, by who used it. */
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { ownersOf } from '../cpu/owners.ts';
import { snapshot } from '../cpu/processes.ts';
import { cpuTable } from '../cpu/table.ts';
import type { Span } from './schemas.ts';

/** What is watched. */
export interface Watched {
  readonly name: string;
  /** Whether the mesh has something to do. */
  readonly busy: boolean;
  /** The parts as they run when it is over. */
  status(): Promise<Pick<MeshStatus, 'parts' | 'supervisor_pid'>>;
}

/** Does the work, and gives its result with the CPU that was used meanwhile. */
export async function watched<T>(
  { name, busy, status }: Watched,
  work: () => Promise<T>,
): Promise<{ readonly span: Span; readonly result: T }> {
  const before = snapshot();
  const began = performance.now();
  const result = await work();
  const seconds = (performance.now() - began) / 1000;
  const after = snapshot();
  const { ms, machineMs, stolenMs } = cpuTable(before, after, ownersOf(await status()));
  return {
    result,
    span: { name, busy, seconds, cpu_ms: ms, machine_ms: machineMs, stolen_ms: stolenMs },
  };
}
