/** Running the commands that find and make tools. */
import { execa } from 'execa';
import { killTree } from '../supervision/process-tree.ts';
import { CommandFailedError } from './errors.ts';

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
