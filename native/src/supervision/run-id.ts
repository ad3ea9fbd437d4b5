/** The id of a run, which every process of it carries: it says whose the process is, also when the records of the run are gone. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { meshPaths } from '@microshop/program-kit/run-directory';
import { environmentOf, listPids } from './proc.ts';
import {
  identify,
  isAlive,
  killAll,
  type ProcessIdentity,
  processesOfRun,
  runVariable,
} from './process-group.ts';
import { readState } from './state-file.ts';

/** A run, as its id names it. */
interface Run {
  readonly id: string;
  /** Directory of its mesh, absolute. */
  readonly folder: string;
  readonly supervisor: ProcessIdentity;
}

/** Id of the run of this process for the mesh of that directory: `/srv/shop/.mesh/1#4711-90210`. */
export function runIdHere(folder: string): string {
  const self = identify(process.pid);
  if (self === undefined) throw new Error('/proc is not readable: the native runner needs Linux');
  return `${folder}#${self.pid}-${self.startTicks}`;
}

/** The run that a process belongs to; `undefined` for one of no mesh. */
function runOf(pid: number): Run | undefined {
  const id = environmentOf(pid, runVariable);
  const [, folder, supervisor, startTicks] = /^(.+)#(\d+)-(\d+)$/.exec(id ?? '') ?? [];
  if (id === undefined || folder === undefined) return undefined;
  return { id, folder, supervisor: { pid: Number(supervisor), startTicks: Number(startTicks) } };
}

/** Processes that runs in that directory have left: their supervisors are gone. */
export function leftBehind(folder: string): ProcessIdentity[] {
  return listPids().flatMap((pid) => {
    const run = runOf(pid);
    return run?.folder === folder && !isAlive(run.supervisor) ? (identify(pid) ?? []) : [];
  });
}

/** Kills what {@link leftBehind} finds; returns the pids. Throws when they do not end within 5 s. */
export async function killLeftBehind(folder: string): Promise<readonly number[]> {
  const left = leftBehind(folder);
  await killAll(left, `Processes that a mesh of ${folder} has left`);
  return left.map(({ pid }) => pid);
}

/** Whose a process is and the command that ends all of that mesh; `undefined` for a process of no mesh. */
export function endingOf(pid: number): string | undefined {
  const run = runOf(pid);
  if (run === undefined) return undefined;
  const { id, folder, supervisor } = run;
  const command = path.resolve(folder, '../../mesh');
  if (readState(meshPaths(folder).state)?.runId === id && existsSync(command)) {
    return `pid ${pid} belongs to the mesh in ${folder}, which is ended by: MESH_INSTANCE=${path.basename(folder)} ${command} down`;
  }
  const kill = isAlive(supervisor) ? `kill ${supervisor.pid}` : `kill -9 ${processesOfRun(id).join(' ')}`;
  return `pid ${pid} is left of a mesh in ${folder}, which no longer knows of it; it is ended by: ${kill}`;
}
