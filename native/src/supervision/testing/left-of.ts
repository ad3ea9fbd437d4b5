/** What is left of a mesh of fakes. */
import { existsSync } from 'node:fs';
import { commandOf, environmentOf, isRunning, listPids, statOf } from '../proc.ts';
import { runVariable } from '../process-group.ts';
import type { TestPlace } from './fake-mesh.ts';

/** Its processes, its supervisor among them, and its lock; each with what it is. */
export function leftOf({ root, directory }: TestPlace): string[] {
  const processes = listPids().flatMap((pid) => {
    // the supervisor is known by its variable, a part by the file that it writes to, what it has started by the run
    const variables = ['FAKE_MESH', runVariable].map((name) => environmentOf(pid, name));
    const text = `${commandOf(pid)} ${variables.join(' ')}`;
    return pid !== process.pid && text.includes(root) && isRunning(statOf(pid)) ? [`${pid} ${text}`] : [];
  });
  return [...processes, ...(existsSync(directory.lock) ? [directory.lock] : [])];
}
