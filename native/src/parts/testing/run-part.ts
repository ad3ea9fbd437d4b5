/** Runs one part for a test as the supervisor would, without its restarts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Part } from '../../supervision/part.ts';
import { runVariable, send } from '../../supervision/process-group.ts';
import { runIdHere } from '../../supervision/run-id.ts';

/** A part that was started and is healthy. */
export interface RunningPart {
  readonly pid: number;
  /** What it has written so far, both streams. */
  output(): string;
  /** Ordered stop, then what the part itself does after it. Rejects when the process had to be killed. */
  stop(): Promise<void>;
}

/** Time a part has to become healthy, milliseconds. */
const startTimeoutMs = 60_000;

/** Process groups of the parts that run. They are no part of this process's own, so that Ctrl-C would not reach them. */
const groups = new Set<number>();

/** From now on, no part outlives this process, unless that is killed: a run of tests that is interrupted ends it with SIGTERM. */
function endWithThisProcess(): void {
  if (process.listeners('exit').includes(killGroups)) return;
  process.on('exit', killGroups);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}

function killGroups(): void {
  for (const group of groups) send(-group, 'SIGKILL');
}

/**
 * Starts a part of the mesh in that directory and waits until it is healthy. Rejects with its output when it ends or takes over a
 * minute.
 */
export async function runPart(part: Part, directory: string): Promise<RunningPart> {
  await part.prepare?.();
  const { file, args, env, cwd } = await part.process();
  const child = spawn(file, args, {
    env: { ...env, [runVariable]: runIdHere(directory) },
    ...(cwd === undefined ? {} : { cwd }),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) groups.add(child.pid);
  endWithThisProcess();
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = once(child, 'exit').finally(() => groups.delete(child.pid ?? 0));
  // the loop below reports a program that cannot be started
  ended.catch(() => undefined);

  const stop = async () => {
    const killed = await end(child, ended, part);
    await part.afterStop?.();
    if (killed) throw new Error(`${part.name} did not stop within ${part.stopTimeoutMs} ms:\n${output}`);
  };

  const deadline = performance.now() + startTimeoutMs;
  while (!(await part.healthy(AbortSignal.timeout(5000)).catch(() => false))) {
    if (child.exitCode !== null || child.pid === undefined || performance.now() > deadline) {
      await stop();
      throw new Error(`${part.name} did not become healthy:\n${output}`);
    }
    await delay(50);
  }
  await part.afterHealthy?.();
  if (child.pid === undefined) throw new Error(`${part.name} has no pid`);
  return { pid: child.pid, output: () => output, stop };
}

async function end(child: ChildProcess, ended: Promise<unknown>, part: Part): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return false;
  child.kill(part.stopSignal ?? 'SIGTERM');
  const late = new AbortController();
  const killed = await Promise.race([
    ended.then(() => false),
    delay(part.stopTimeoutMs, true, { signal: late.signal }),
  ]);
  late.abort();
  if (killed) {
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  }
  return killed;
}
