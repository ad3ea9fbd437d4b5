/** What a supervisor that was killed left running: found, and ended. */
import { hasEnvironment, isRunning, statOf } from './proc.ts';
import {
  emptyGroup,
  isAlive,
  isEmpty,
  membersOf,
  processesOfRun,
  runVariable,
  send,
  until,
} from './process-group.ts';
import { type RecordedGroup, type RunState, readState } from './state-file.ts';

/** Whether the group with that number is still the recorded one and not one of a reused pid. */
function isOurs(group: RecordedGroup, runId: string): boolean {
  if (isAlive(group)) return true;
  // The leader is gone. A member that was started by that run tells the group is the same.
  return membersOf(group.pid).some((pid) => hasEnvironment(pid, runVariable, runId));
}

/** Names of the parts that run on though their supervisor, which kept `stateFile`, is gone. */
export function partsLeft(stateFile: string): string[] {
  const state = readState(stateFile);
  return (
    state?.groups
      .filter((group) => isOurs(group, state.runId))
      .map((group) => group.part)
      .sort() ?? []
  );
}

async function endGroup(group: RecordedGroup): Promise<void> {
  if (isAlive(group)) {
    send(group.pid, group.stopSignal);
    // a wrapper ends after its server, which only hears a signal that is sent to the group
    await until(() => !isAlive(group), group.stopTimeoutMs / 2);
    if (!isEmpty(group.pid)) send(-group.pid, group.stopSignal);
    await until(() => isEmpty(group.pid), group.stopTimeoutMs / 2);
  }
  await emptyGroup(group.pid);
}

/**
 * Ends every process of that run: recorded groups with their own signal first, then whatever left its group. A pid
 * given to another process since is never touched. Returns the names of the parts that had run on.
 */
export async function endLeftovers(state: RunState): Promise<string[]> {
  const groups = state.groups.filter((group) => isOurs(group, state.runId));
  await Promise.all(groups.map(endGroup));
  const strays = processesOfRun(state.runId);
  for (const pid of strays) {
    // looked at again right before: the list is a moment old
    if (hasEnvironment(pid, runVariable, state.runId)) send(pid, 'SIGKILL');
  }
  const gone = await until(() => strays.every((pid) => !isRunning(statOf(pid))), 5000);
  if (!gone) throw new Error(`Processes of an earlier run do not end: ${strays.join(', ')}`);
  return groups.map((group) => group.part);
}
