/** What a supervisor started, on disk: when it is killed, the next one finds and ends what it left. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hasCode } from '@microshop/program-kit/errors';
import { bootId, hasEnvironment } from './proc.ts';
import {
  emptyGroup,
  identify,
  isAlive,
  isEmpty,
  killAll,
  membersOf,
  type ProcessIdentity,
  processesOfRun,
  runVariable,
  send,
  until,
} from './process-group.ts';

/** A process group as recorded: its leader, and how it wants to be ended. */
export interface RecordedGroup extends ProcessIdentity {
  readonly part: string;
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
}

/** Everything one supervisor has running. */
export interface RunState {
  readonly bootId: string;
  /** Carried by every process of the run in its environment. */
  readonly runId: string;
  readonly groups: readonly RecordedGroup[];
}

function isSignal(value: unknown): value is NodeJS.Signals {
  return typeof value === 'string' && value.startsWith('SIG');
}

function isGroup(value: unknown): value is RecordedGroup {
  return (
    typeof value === 'object' &&
    value !== null &&
    'part' in value &&
    typeof value.part === 'string' &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    value.pid > 1 &&
    'startTicks' in value &&
    typeof value.startTicks === 'number' &&
    'stopSignal' in value &&
    isSignal(value.stopSignal) &&
    'stopTimeoutMs' in value &&
    typeof value.stopTimeoutMs === 'number'
  );
}

function isState(value: unknown): value is RunState {
  return (
    typeof value === 'object' &&
    value !== null &&
    'bootId' in value &&
    typeof value.bootId === 'string' &&
    'runId' in value &&
    typeof value.runId === 'string' &&
    'groups' in value &&
    Array.isArray(value.groups) &&
    value.groups.every(isGroup)
  );
}

/** The state a supervisor left; `undefined` when there is none, or it is of another boot or unreadable. */
export function readState(file: string): RunState | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    return isState(value) && value.bootId === bootId() ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the state of this run. */
export interface StateFile {
  remember(group: RecordedGroup): void;
  forget(part: string): void;
  remove(): void;
}

/** Begins the state of a run. Every change is on disk, whole, when the call returns. */
export function createStateFile(file: string, runId: string): StateFile {
  const groups = new Map<string, RecordedGroup>();
  const write = () => {
    const state: RunState = { bootId: bootId(), runId, groups: [...groups.values()] };
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, file);
  };
  write();
  return {
    remember(group) {
      groups.set(group.part, group);
      write();
    },
    forget(part) {
      if (!groups.delete(part)) return;
      try {
        write();
      } catch {
        // on a full disk its record stays, and harms nothing: a process is told apart by its start
      }
    },
    remove() {
      rmSync(file, { force: true });
    },
  };
}

/** Whether the group with that number is still the recorded one and not one of a reused pid. */
function isOurs(group: RecordedGroup, runId: string): boolean {
  if (isAlive(group)) return true;
  // The leader is gone. A member that was started by that run proves that the group is the same.
  return membersOf(group.pid).some((pid) => hasEnvironment(pid, runVariable, runId));
}

/** A part that runs on though its supervisor is gone. */
export interface LeftPart {
  readonly name: string;
  /** The process that was started for it; `null` when only what that had started is left. */
  readonly pid: number | null;
}

/** The parts that run on though their supervisor, which kept `stateFile`, is gone; by name. */
export function partsLeft(stateFile: string): LeftPart[] {
  const state = readState(stateFile);
  const left = state?.groups.filter((group) => isOurs(group, state.runId)) ?? [];
  return left
    .map((group) => ({ name: group.part, pid: isAlive(group) ? group.pid : null }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function endGroup(group: RecordedGroup): Promise<void> {
  if (isAlive(group)) {
    send(group.pid, group.stopSignal);
    // a wrapper ends after its server, and only a signal to the group reaches the server
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
  const strays = processesOfRun(state.runId).flatMap((pid) => identify(pid) ?? []);
  await killAll(strays, 'Processes of an earlier run');
  return groups.map((group) => group.part);
}
