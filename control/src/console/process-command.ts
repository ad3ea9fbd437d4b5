/** A process that is made to fail from the page: by the command of the checkout, for the runner alone has the processes. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '@microshop/program-kit/errors';
import { badRequest, ProblemError } from '@microshop/service-kit';
import { unavailable } from '../service/problem.ts';
import { commandEnvironment } from './checkout-command.ts';
import type { ProcessWish } from './process-schemas.ts';

/** Time the command may take, milliseconds: a restart ends when the part is healthy. */
const limitMs = 60_000;

/** Does it, and returns what the command says. Throws a problem with what it says against it. */
export type ProcessCommand = (wish: ProcessWish) => Promise<string>;

/** `mesh` is the command's file. */
export function processCommand(mesh: string, given: NodeJS.ProcessEnv = process.env): ProcessCommand {
  return async ({ part, kind, for_ms: ms }) => {
    const args = ['fault', 'process', part, `--${kind}`, ...(ms === undefined ? [] : ['--for', `${ms}ms`])];
    try {
      const { stdout } = await promisify(execFile)(mesh, args, {
        env: commandEnvironment(given),
        timeout: limitMs,
      });
      return stdout.trim();
    } catch (error) {
      const { code, stderr } = outcomeOf(error);
      const why = stderr.trim().replace(/^mesh: /, '');
      if (why === '') throw unavailable(`The command cannot be run: ${messageOf(error)}`, error);
      // 2 is wrong usage, as of a part that there is not
      throw code === 2 ? badRequest(why) : new ProblemError(409, 'conflict', why);
    }
  };
}

function outcomeOf(error: unknown): { readonly code: unknown; readonly stderr: string } {
  if (!(error instanceof Error)) return { code: undefined, stderr: '' };
  const code: unknown = 'code' in error ? error.code : undefined;
  return { code, stderr: 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '' };
}
