/** Runs one part for a test as the supervisor would, without its restarts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Part } from '../../supervision/part.ts';

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

/** Starts a part and waits until it is healthy. Rejects with its output when it ends or takes over a minute. */
export async function runPart(part: Part): Promise<RunningPart> {
  await part.prepare?.();
  const { file, args, env, cwd } = await part.process();
  const child = spawn(file, args, {
    env,
    ...(cwd === undefined ? {} : { cwd }),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = once(child, 'exit');
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
