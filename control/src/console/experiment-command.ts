/**
 * An experiment that is started from the page: the command of the checkout, as a process of its own, so that it gives the mesh back
 * whatever becomes of this one.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '@microshop/program-kit/errors';
import { notFound, ProblemError } from '@microshop/service-kit';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { unavailable } from '../service/problem.ts';
import { commandEnvironment } from './checkout-command.ts';
import type { Started } from './experiment-schemas.ts';

/** Lines that are shown of what it prints: the last ones. */
const shownLines = 30;

/** Time the command has to list the experiments, milliseconds: it may have to be compiled. */
const listLimitMs = 20_000;

const listSchema = Type.Object({ experiments: Type.Array(Type.Object({ name: Type.String() })) });

/** What is asked of {@link experimentCommand}. */
export interface ExperimentCommand {
  /** Names of what can be run. Throws a problem when the command cannot say. */
  names(): Promise<readonly string[]>;
  /** Starts one. Throws a problem for an unknown name, or while another is under way. */
  start(name: string): Promise<void>;
  /** Asks it to end early, as Ctrl-C does; it gives the mesh back first. */
  stop(): void;
  /** The one that was started last; null before the first. */
  state(): Promise<Started | null>;
}

interface Run {
  readonly name: string;
  readonly at: number;
  readonly child: ChildProcess;
  /** Exit code; null while it runs. A signal counts as a shell counts it. */
  code: number | null;
}

/** `mesh` is the command's file; `directory` gets the file with what the last one printed. */
export function experimentCommand(
  mesh: string,
  directory: string,
  given: NodeJS.ProcessEnv = process.env,
): ExperimentCommand {
  const output = path.join(directory, 'from-the-page.log');
  const env = commandEnvironment(given);
  let last: Run | undefined;
  /** Name of the one that is about to be {@link last}. */
  let starting: string | undefined;
  let known: Promise<readonly string[]> | undefined;

  async function readNames(): Promise<readonly string[]> {
    try {
      const { stdout } = await promisify(execFile)(mesh, ['experiment', 'list', '--json'], {
        env,
        timeout: listLimitMs,
      });
      return Value.Parse(listSchema, JSON.parse(stdout)).experiments.map(({ name }) => name);
    } catch (error) {
      known = undefined;
      throw unavailable(`The experiments cannot be listed: ${messageOf(error)}`, error);
    }
  }

  function names() {
    known ??= readNames();
    return known;
  }

  return {
    names,
    async start(name) {
      const all = await names();
      if (!all.includes(name))
        throw notFound(`There is no experiment "${name}"; there are: ${all.join(', ')}`);
      const before = starting ?? (last?.code === null ? last.name : undefined);
      if (before !== undefined) throw new ProblemError(409, 'conflict', `${before} is still under way`);
      // set before the first await: two pages may ask at the same moment
      starting = name;
      let file: FileHandle | undefined;
      try {
        await mkdir(directory, { recursive: true });
        file = await open(output, 'w');
        const child = spawn(mesh, ['experiment', 'run', name], {
          env,
          // its own process group: a signal that ends this service does not end it
          detached: true,
          stdio: ['ignore', file.fd, file.fd],
        });
        const run: Run = { name, at: Date.now(), child, code: null };
        child.once('error', () => {
          run.code = 127;
        });
        child.once('exit', (code, signal) => {
          run.code = code ?? (signal === null ? 1 : 130);
        });
        last = run;
      } finally {
        starting = undefined;
        await file?.close();
      }
    },
    stop() {
      const { child, code = 0 } = last ?? {};
      if (child?.pid !== undefined && code === null) process.kill(-child.pid, 'SIGINT');
    },
    async state() {
      if (last === undefined) return null;
      const { name, at, code } = last;
      const text = await readFile(output, 'utf8').catch(() => '');
      return { name, at, code, lines: text.trimEnd().split('\n').slice(-shownLines) };
    },
  };
}
