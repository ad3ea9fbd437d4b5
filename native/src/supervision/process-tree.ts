/** A server with every process it started, whatever group those moved to (PostgreSQL's are in groups of their own). */
import { listPids, statOf } from './proc.ts';
import { identify, isAlive, type ProcessIdentity, send } from './process-group.ts';

/** The process and all below it. */
export function treeOf(root: number): readonly ProcessIdentity[] {
  const stats = listPids().flatMap((pid) => statOf(pid) ?? []);
  const found = [root];
  // children of what was found are found in turn
  for (const parent of found) {
    found.push(...stats.filter((stat) => stat.parentPid === parent).map((stat) => stat.pid));
  }
  return found.flatMap((pid) => identify(pid) ?? []);
}

/** Looks at a tree that is being killed before its rest is left to itself; each takes some milliseconds. */
const mostLooks = 100;

/** Kills the process and all below it at once. */
export function killTree(root: number): void {
  // stopped, it starts no more of them
  send(root, 'SIGSTOP');
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const below = treeOf(root).filter(({ pid }) => pid !== root);
    if (below.length === 0) break;
    for (const { pid } of below) send(pid, 'SIGKILL');
  }
  send(root, 'SIGKILL');
}

/** Stops the processes where they are. Returns what lets them go on; a pid given to another process is left alone. */
export function pauseTree(root: number): () => void {
  const paused = treeOf(root);
  for (const { pid } of paused) send(pid, 'SIGSTOP');
  return () => {
    for (const process of paused) if (isAlive(process)) send(process.pid, 'SIGCONT');
  };
}
