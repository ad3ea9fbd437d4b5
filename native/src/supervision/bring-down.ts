/** Ending a mesh from outside, whatever state its supervisor is in. */
import { existsSync, rmSync } from 'node:fs';
import { messageOf } from '@microshop/program-kit/errors';
import { makeRunDirectory, type RunDirectory } from '@microshop/program-kit/run-directory';
import { lockHolder, takeLock } from './lock.ts';
import type { Part } from './part.ts';
import { isAlive, send, until } from './process-group.ts';
import { leftBehind } from './run-id.ts';
import { endEarlierRun } from './supervise.ts';
import { supervisorClient } from './supervisor-client.ts';

/** Time an ordered end of a whole mesh may take, milliseconds; well above the sum of the parts' own limits. */
const endLimitMs = 120_000;

/** Options of {@link bringDown}. */
export interface BringDownOptions {
  readonly directory: RunDirectory;
  /** The parts, to end what they leave behind when their supervisor was killed. */
  makeParts(): readonly Part[];
  onLine(text: string): void;
  /** Time an ordered end may take before the supervisor is killed, milliseconds; 120 s when absent. */
  readonly limitMs?: number;
}

/**
 * Ends the mesh: through its supervisor, or by the records of one that was killed. Idempotent; `false` when there was
 * nothing to end.
 */
export async function bringDown(options: BringDownOptions): Promise<boolean> {
  const { directory, onLine } = options;
  const limitMs = options.limitMs ?? endLimitMs;
  const holder = lockHolder(directory.lock);
  if (holder !== undefined) {
    onLine(`Stopping mesh ${directory.instance} (pid ${holder.pid})`);
    const asked = supervisorClient(directory)
      .down()
      .catch((error: unknown) => {
        // its socket may be missing while it starts or stops; the signal has the same effect
        if (isAlive(holder)) {
          onLine(messageOf(error));
          send(holder.pid, 'SIGTERM');
        }
      });
    const gone = await until(() => !isAlive(holder), limitMs);
    if (!gone) {
      onLine(`The supervisor (pid ${holder.pid}) did not stop in time: killed it`);
      send(holder.pid, 'SIGKILL');
      await until(() => !isAlive(holder), 5000);
    }
    await asked;
  }
  const isLeft = leftBehind(directory.path).length > 0;
  if (!existsSync(directory.lock) && !existsSync(directory.state) && !isLeft) {
    rmSync(directory.socket, { force: true });
    return holder !== undefined;
  }

  // the lock is in it, and somebody may have deleted it
  if (isLeft) makeRunDirectory(directory);
  const release = takeLock(directory.lock);
  try {
    const parts = options.makeParts();
    const earlier = await endEarlierRun(directory, (event) => {
      if (event.type === 'note') onLine(event.text);
    });
    for (const part of parts) {
      if (earlier.includes(part.name)) await part.afterStop?.();
    }
    rmSync(directory.state, { force: true });
    rmSync(directory.socket, { force: true });
  } finally {
    release();
  }
  return true;
}

/** Forgets everything a mesh keeps. Throws `LockHeldError` when it is up. */
export function wipe(directory: RunDirectory): void {
  if (!existsSync(directory.path)) return;
  const release = takeLock(directory.lock);
  try {
    for (const path of [
      directory.data,
      directory.logs,
      directory.config,
      directory.secrets,
      directory.certificates,
      directory.state,
    ]) {
      rmSync(path, { recursive: true, force: true });
    }
  } finally {
    release();
  }
  rmSync(directory.path, { recursive: true, force: true });
}
