/** Reports of what went wrong, for people. */
import { messageOf } from '@microshop/program-kit/errors';
import { PartFailedError } from './part-attempt.ts';

/** What happened, the last lines of the part's log, and where the rest is. */
export function failureText(error: unknown): string {
  if (!(error instanceof PartFailedError)) return messageOf(error);
  const lines = error.lastLines.map((line) => `  | ${line}`);
  const head =
    lines.length === 0 ? `${error.message}; it wrote nothing` : `${error.message}; its last lines:`;
  return [head, ...lines, `Whole log: ${error.log}`].join('\n');
}
