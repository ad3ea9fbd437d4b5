/** The cache of tools: one directory per tool and version, shared by every checkout of this user. */
import { randomUUID } from 'node:crypto';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '../cli/errors.ts';

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

/** Names a process for as long as the machine runs: a pid is used again, a pid with its start time is not. */
async function identity(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (status === undefined) return `${pid}`;
  // the second field is the program's name in parentheses and may hold spaces; the start time is field 22
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return `${pid} ${fields[19] ?? ''}`;
}

async function isHeld(owner: string): Promise<boolean> {
  const pid = Number.parseInt(owner, 10);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there and belongs to someone else
    if (!hasCode(error, 'EPERM')) return false;
  }
  return (await identity(pid)) === owner;
}

async function tryLock(lock: string): Promise<boolean> {
  const mine = `${lock}.${randomUUID()}`;
  await writeFile(mine, await identity(process.pid));
  try {
    // a link appears with its content, and only if nothing has the name
    await link(mine, lock);
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(mine, { force: true });
  }
  const owner = await readFile(lock, 'utf8').catch(() => undefined);
  if (owner !== undefined && !(await isHeld(owner))) await rm(lock, { force: true });
  return false;
}

/**
 * The directory `entry` of the cache, made by `make` when it is missing. `make` works in a temporary directory that
 * is renamed when it is whole, so an interrupted run leaves no half entry.
 *
 * The lock only saves work: two runs that both get past it (a stale lock removed twice) make the entry twice, and
 * the second rename gives way to the first.
 */
export async function cached(
  cache: string,
  entry: string,
  make: (directory: string) => Promise<void>,
  options: { onWait?: () => void; signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const final = path.join(cache, entry);
  if (await exists(final)) return final;
  await mkdir(cache, { recursive: true });

  const lock = path.join(cache, `.${entry}.lock`);
  if (!(await tryLock(lock))) {
    options.onWait?.();
    while (!(await tryLock(lock))) {
      await delay(500, undefined, { signal: options.signal });
      if (await exists(final)) return final;
    }
  }
  try {
    if (await exists(final)) return final;
    const prefix = `.${entry}.tmp-`;
    // what a killed run left; the lock is ours, so nobody is working in it
    for (const name of await readdir(cache)) {
      if (name.startsWith(prefix)) await rm(path.join(cache, name), { recursive: true, force: true });
    }
    const working = await mkdtemp(path.join(cache, prefix));
    try {
      // mkdtemp makes it private; a cache shared by users is readable
      await chmod(working, 0o755);
      await make(working);
      await rename(working, final).catch(async (error: unknown) => {
        if (!(await exists(final))) throw error;
      });
    } finally {
      await rm(working, { recursive: true, force: true });
    }
    return final;
  } finally {
    await rm(lock, { force: true });
  }
}
