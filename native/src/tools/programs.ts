/** Programs: found the way a shell does, run, and the versions they print. */

import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { killTree } from '../supervision/process-group.ts';
import { CommandFailedError } from './tool.ts';

/** Options of {@link run}. */
export interface RunOptions {
  /** The whole environment; this process's own when absent. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Called with each line of output as it comes. */
  readonly onLine?: (line: string) => void;
  /** Lines that are its result, and say nothing about why it failed. */
  readonly result?: RegExp;
  /** Limit, milliseconds; none when absent. */
  readonly timeoutMs?: number;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** Whether `signal` kills all that it started along with it, at once; a command whose work can be cut anywhere. */
  readonly tree?: boolean;
}

/** Lines of a failed command's output that are worth showing. */
const shownLines = 12;

/**
 * Runs a command to its end and returns what it wrote, both streams as they came. It ends with this process.
 * Throws {@link CommandFailedError} with its last lines when it cannot be started, fails, or takes too long.
 */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  // imported on demand: most commands that know the tools run none
  const { execa } = await import('execa');
  options.signal?.throwIfAborted();
  const child = execa(file, args, {
    all: true,
    reject: false,
    stdin: 'ignore',
    ...(options.env === undefined ? {} : { env: options.env, extendEnv: false }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    // execa would end the command alone, and what it had started would run on
    ...(options.signal === undefined || options.tree === true ? {} : { cancelSignal: options.signal }),
  });
  const kill = () => {
    if (child.pid !== undefined) killTree(child.pid);
  };
  if (options.tree === true) options.signal?.addEventListener('abort', kill, { once: true });
  if (options.onLine !== undefined) {
    for await (const line of child.iterable({ from: 'all' })) options.onLine(line);
  }
  const result = await child;
  options.signal?.removeEventListener('abort', kill);
  if (result.failed) {
    const about = result.all.split('\n').filter((line) => options.result?.test(line) !== true);
    const said = about.join('\n').trim().split('\n').slice(-shownLines).join('\n');
    const reason = said === '' ? (result.originalMessage ?? result.shortMessage) : said;
    throw new CommandFailedError(`${[file, ...args].join(' ')} failed:\n${reason}`, { cause: result });
  }
  return result.all;
}

/** Where servers live that a normal user's PATH often leaves out. */
const serverDirectories = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Every executable file called `program` on PATH and in the directories for servers, in order. */
export async function onPath(program: string, env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const directories = new Set([...(env.PATH ?? '').split(path.delimiter), ...serverDirectories]);
  const found: string[] = [];
  for (const directory of directories) {
    // an empty or relative entry would mean the current directory
    if (!path.isAbsolute(directory)) continue;
    const file = path.join(directory, program);
    if (await isProgram(file)) found.push(file);
  }
  return found;
}

/** Whether `file` is a regular file this user may execute. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** The numbers of `1.40.0`; anything after them is ignored. `undefined` when it starts with no number. */
export function parseVersion(version: string): readonly number[] | undefined {
  const match = /^v?(\d+(?:\.\d+)*)/.exec(version);
  return match?.[1]?.split('.').map(Number);
}

/** Whether `version` is `minimum` or newer. False for a version that cannot be read. */
export function isAtLeast(version: string, minimum: string): boolean {
  const have = parseVersion(version);
  const want = parseVersion(minimum);
  if (have === undefined || want === undefined) return false;
  for (const [index, number] of want.entries()) {
    const other = have[index] ?? 0;
    if (other !== number) return other > number;
  }
  return true;
}

/** Whether `version` is `minimum` or newer and older than `below`. */
export function isBetween(version: string, minimum: string, below: string): boolean {
  return isAtLeast(version, minimum) && !isAtLeast(version, below);
}

/** The first group of `pattern` in `text`, or `unknown`. */
export function versionIn(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? 'unknown';
}
