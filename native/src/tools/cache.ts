/** The cache of tools: one directory per tool and version, shared by every checkout of this user. */
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LockHeldError, takeLock } from '../supervision/lock.ts';

/** `MESH_CACHE`, or `~/.cache/microshop-mesh`. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env.MESH_CACHE !== undefined && env.MESH_CACHE !== '') return path.resolve(env.MESH_CACHE);
  return path.join(homedir(), '.cache', 'microshop-mesh');
}

/** Whether something is at `file`. */
export async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}

/** Takes the lock, or reports that a running process has it. */
function tryLock(lock: string): (() => void) | undefined {
  try {
    return takeLock(lock);
  } catch (error) {
    if (error instanceof LockHeldError) return undefined;
    throw error;
  }
}

/**
 * The directory `entry` of the cache, made by `make` when it is missing. `make` works in a temporary directory that
 * is renamed when it is whole, so an interrupted run leaves no half entry. One run makes it at a time; the lock of one
 * that was killed is taken over.
 */
export async function cached(
  cache: string,
  entry: string,
  make: (directory: string) => Promise<void>,
  options: {
    /** Called again and again while another run makes it. */
    onWait?: () => void;
    signal?: AbortSignal | undefined;
  } = {},
): Promise<string> {
  const final = path.join(cache, entry);
  if (await exists(final)) return final;
  await mkdir(cache, { recursive: true });

  const lock = path.join(cache, `.${entry}.lock`);
  let release = tryLock(lock);
  while (release === undefined) {
    options.onWait?.();
    await delay(500, undefined, { signal: options.signal });
    if (await exists(final)) return final;
    release = tryLock(lock);
  }
  try {
    if (await exists(final)) return final;
    const prefix = `.${entry}.tmp-`;
    // left by a killed run; we hold the lock, so no process works in it
    for (const name of await readdir(cache)) {
      if (name.startsWith(prefix)) await rm(path.join(cache, name), { recursive: true, force: true });
    }
    const working = await mkdtemp(path.join(cache, prefix));
    try {
      // mkdtemp makes it private; a cache shared by users is readable
      await chmod(working, 0o755);
      await make(working);
      await rename(working, final);
    } finally {
      await rm(working, { recursive: true, force: true });
    }
    return final;
  } finally {
    release();
  }
}
