/** Processes told apart for certain; process groups, and servers with every process they started, ended whole. */
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '@microshop/program-kit/errors';
import { hasEnvironment, isRunning, listPids, statOf } from './proc.ts';

/** Names one process of this boot: a pid alone may have been given to another process since. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: number;
}

/** Variable every part is started with: a process that carries this run's value belongs to it. */
export const runVariable = 'MESH_RUN_ID';

/** Pause between two checks of a group that is ending, milliseconds. */
const lookEveryMs = 25;

/** Identity of a running process, or `undefined`. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  return isRunning(stat) ? { pid, startTicks: stat.startTicks } : undefined;
}

/** True while exactly that process runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTicks === identity.startTicks;
}

/** Pids of the processes of a group that still run. Zombies do not count: their parent may never reap them. */
export function membersOf(group: number): number[] {
  return listPids().filter((pid) => {
    const stat = statOf(pid);
    return isRunning(stat) && stat.group === group;
  });
}

/** Pids of all running processes started with that run id, whatever group they moved to. */
export function processesOfRun(runId: string): number[] {
  return listPids().filter(
    (pid) => pid !== process.pid && hasEnvironment(pid, runVariable, runId) && isRunning(statOf(pid)),
  );
}

/** Sends a signal to a process, or with a negative pid to a group. False when it is gone. */
export function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}

/** True when nothing of a group runs any more. */
export function isEmpty(group: number): boolean {
  // cheap answers first: a running leader, a group the kernel does not know
  if (isRunning(statOf(group))) return false;
  try {
    process.kill(-group, 0);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return true;
  }
  return membersOf(group).length === 0;
}

/** Waits until `condition` holds. False when `timeoutMs` passed first. */
export async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() >= deadline) return false;
    await delay(lookEveryMs);
  }
  return true;
}

/** Kills what is left of a group and waits until it is gone. Throws when it does not go within 10 s. */
export async function emptyGroup(group: number): Promise<void> {
  const empty = () => {
    if (isEmpty(group)) return true;
    send(-group, 'SIGKILL');
    return false;
  };
  if (!(await until(empty, 10_000))) {
    throw new Error(`Process group ${group} does not end: ${membersOf(group).join(', ')} survive SIGKILL`);
  }
}

/** Kills those processes, and no other that has got their pids since. Throws, with whose they are, when they do not go within 5 s. */
export async function killAll(processes: readonly ProcessIdentity[], whose: string): Promise<void> {
  for (const one of processes) if (isAlive(one)) send(one.pid, 'SIGKILL');
  if (!(await until(() => !processes.some(isAlive), 5000))) {
    throw new Error(`${whose} do not end: ${processes.map(({ pid }) => pid).join(', ')}`);
  }
}

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
  // once stopped, it cannot start more
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
