/** A part of the whole run in a process of its own: what it prints is kept together, and an end without a result has failed. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { jobVariable, killStarted } from './left-behind.ts';
import { single, type Totals } from './totals.ts';

/** What became of a program. */
export interface ProgramResult {
  readonly totals: Totals;
  /** What it printed, both streams in the order of their coming; empty where it was shown at once. */
  readonly output: string;
}

/** A program and what it runs with. */
export interface Program {
  /** Arguments of Node: the file, then its own. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whether its output is kept until it has ended, or goes where ours goes. */
  readonly output: 'kept' | 'shown';
  /** Asks it with SIGTERM to end; it takes down what it brought up. */
  readonly signal: AbortSignal;
}

function isTotals(message: unknown): message is Totals {
  return typeof message === 'object' && message !== null && 'failed' in message && 'longest' in message;
}

/**
 * Runs it to its end. It sends its {@link Totals} over the channel it is given. One that sends none, or ends with another
 * code than 0, has failed, whatever it counted. It leads a process group of its own: Ctrl-C in a terminal reaches it only
 * through `signal`, before its tests are gone. Of one that was ended, by whatever, no process is left.
 */
export function runProgram({ args, cwd, env, output, signal }: Program): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const id = randomUUID();
    const stream = output === 'kept' ? 'pipe' : 'inherit';
    const child = spawn(process.execPath, [...args], {
      cwd,
      env: { ...env, [jobVariable]: id },
      detached: true,
      stdio: ['ignore', stream, stream, 'ipc'],
    });
    let printed = '';
    for (const from of [child.stdout, child.stderr]) {
      from?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
    }
    let sent: Totals | undefined;
    child.on('message', (message: unknown) => {
      if (isTotals(message)) sent = message;
    });
    const stop = () => void child.kill('SIGTERM');
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });

    const end = (how: string | undefined) => {
      signal.removeEventListener('abort', stop);
      if (how === undefined && sent !== undefined) {
        resolve({ totals: sent, output: printed });
        return;
      }
      const counted = sent ?? single(false);
      const said = `${printed}\nIt ${how ?? 'ended'}${sent === undefined ? ' without a result' : ''}: counted as failed\n`;
      if (output === 'shown') process.stdout.write(said.slice(printed.length));
      resolve({ totals: { ...counted, failed: Math.max(counted.failed, 1) }, output: said });
    };
    // what it has left may hold its output open
    child.once('exit', (code) => {
      if (code !== 0 || signal.aborted) killStarted(id);
    });
    child.once('error', (error) => end(`could not be started (${error.message})`));
    // `close` comes when its output has been read to the end
    child.once('close', (code, by) => {
      end(code === 0 ? undefined : by === null ? `ended with code ${code}` : `was ended by ${by}`);
    });
  });
}
