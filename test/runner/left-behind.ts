/** No process that a job has started outlives it when it is ended early, also one that has left its group or lost its parent. */
import { hasEnvironment, listPids } from '@microshop/native/supervision/proc';
import { isAlive, type ProcessIdentity, send, treeOf } from '@microshop/native/supervision/process-group';

/**
 * Variable that the processes of a job inherit. Those of a mesh do not: their environment is made from nothing. They are found below
 * their supervisor, which does.
 */
export const jobVariable = 'MESH_TEST_JOB';

/** Processes of that job and all below them that run, but for this one. */
function processesOf(job: string): readonly ProcessIdentity[] {
  return listPids()
    .filter((pid) => hasEnvironment(pid, jobVariable, job))
    .flatMap(treeOf)
    .filter(({ pid }) => pid !== process.pid);
}

/**
 * Kills what that job has started, and what is given with all below it; none of them can start another one meanwhile. A mesh among
 * them keeps its record: the next `down` or `up` of its number finds nothing to end.
 */
export function killStarted(job: string | undefined, given: readonly ProcessIdentity[] = []): void {
  const stopped = new Set<number>();
  for (;;) {
    const found = [
      ...(job === undefined ? [] : processesOf(job)),
      ...given.filter(isAlive).flatMap(({ pid }) => treeOf(pid)),
    ].filter(({ pid }) => !stopped.has(pid));
    if (found.length === 0) break;
    for (const { pid } of found) {
      send(pid, 'SIGSTOP');
      stopped.add(pid);
    }
  }
  for (const pid of stopped) send(pid, 'SIGKILL');
}
