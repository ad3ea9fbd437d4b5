/** Memory of a running mesh. What processes share, as those of PostgreSQL do, counts once: proportional set size (PSS). */
import { readFileSync } from 'node:fs';
import { hasCode } from '@microshop/program-kit/errors';
import { snapshot } from '../cpu/processes.ts';
import { meshRows, type Owners, ownerOf, type Row } from '../cpu/table.ts';

/**
 * PSS of a process, bytes (proc_pid_smaps_rollup(5)); 0 of one that has ended. Throws when this user may not read it: its memory would
 * go unnoticed.
 */
export function pssBytesOf(pid: number): number {
  try {
    return pssIn(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return 0;
    throw error;
  }
}

/** The line `Pss` of smaps_rollup as bytes. Throws for another form. */
export function pssIn(text: string): number {
  const kilobytes = /^Pss: +(\d+) kB$/m.exec(text)?.[1];
  if (kilobytes === undefined) throw new Error('smaps_rollup has no line Pss');
  return Number(kilobytes) * 1024;
}

/** PSS of the mesh by row, bytes; the client and foreign processes are in none. */
export function memoryByRow(owners: Owners, pssOf = pssBytesOf): Readonly<Record<string, number>> {
  const bytes = new Map<Row, number>();
  const shot = snapshot();
  for (const process of shot.processes.values()) {
    const row = ownerOf(process, shot, owners);
    if (isOfMesh(row)) bytes.set(row, (bytes.get(row) ?? 0) + pssOf(process.pid));
  }
  return Object.fromEntries(bytes);
}

function isOfMesh(row: Row): boolean {
  return meshRows.some((one) => one === row);
}
