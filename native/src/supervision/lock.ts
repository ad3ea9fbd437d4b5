/** One supervisor per mesh: a lock file that names its holder, and is taken over when the holder is gone. */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hasCode } from '@microshop/program-kit/errors';
import { bootId } from './proc.ts';
import { identify, isAlive, type ProcessIdentity } from './process-group.ts';

/** Thrown when another supervisor holds the lock. */
export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';
  readonly holder: ProcessIdentity;
  constructor(file: string, holder: ProcessIdentity) {
    super(`Another supervisor (pid ${holder.pid}) holds ${file}`);
    this.holder = holder;
  }
}

interface LockContent extends ProcessIdentity {
  readonly bootId: string;
}

function parse(text: string): LockContent | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('pid' in value && 'startTicks' in value && 'bootId' in value)) return undefined;
    const { pid, startTicks, bootId: boot } = value;
    if (typeof pid !== 'number' || typeof startTicks !== 'number' || typeof boot !== 'string')
      return undefined;
    return { pid, startTicks, bootId: boot };
  } catch {
    return undefined;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function liveHolder(text: string): ProcessIdentity | undefined {
  const content = parse(text);
  if (content === undefined || content.bootId !== bootId() || !isAlive(content)) return undefined;
  return { pid: content.pid, startTicks: content.startTicks };
}

/** The process that holds the lock and runs, or `undefined`. */
export function lockHolder(file: string): ProcessIdentity | undefined {
  const text = read(file);
  return text === undefined ? undefined : liveHolder(text);
}

/** Creates `file` with that content unless it exists: a link appears whole or not at all. */
function create(file: string, content: string): boolean {
  const draft = `${file}.${process.pid}.${randomUUID()}`;
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

/** Moves the stale lock aside. When another process took it over meanwhile, puts its lock back. */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const taken = read(aside);
  if (taken !== undefined && taken !== stale) create(file, taken);
  rmSync(aside, { force: true });
}

/**
 * Takes the lock for this process; returns what releases it.
 * Throws {@link LockHeldError} when its holder runs.
 */
export function takeLock(file: string): () => void {
  const self = identify(process.pid);
  if (self === undefined) throw new Error('/proc is not readable: the native runner needs Linux');
  const content = JSON.stringify({ ...self, bootId: bootId() });
  while (!create(file, content)) {
    const text = read(file);
    if (text === undefined) continue;
    const holder = liveHolder(text);
    if (holder !== undefined) throw new LockHeldError(file, holder);
    removeStale(file, text);
  }
  return () => {
    if (read(file) === content) rmSync(file, { force: true });
  };
}
