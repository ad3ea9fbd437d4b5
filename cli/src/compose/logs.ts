/** What the containers of the project have written, as the engine keeps it. */
import { inTime, type LogLine, lineOfTrace, mentionOf, placingTrace } from '@microshop/control/logs/lines';
import { CommandFailed } from '../output/errors.ts';
import { passedOn } from '../output/output.ts';
import { checkComposePart, inCheckout } from './project.ts';

/** `users-1  | text`: the service, the number of its container, and what it wrote. */
const prefixed = /^(.+?)-\d+ +\| (.*)$/;

/** The lines of all containers whose `trace_id` it is, in order of time. Throws `CommandFailed`. */
export async function containerLinesOfTrace(traceId: string): Promise<LogLine[]> {
  return inTime(await picked((part, text) => lineOfTrace(part, text, traceId)));
}

/** The trace an order was placed in, by the containers' logs; `undefined` when none names it. Throws `CommandFailed`. */
export async function containerTraceOfOrder(orderId: number): Promise<string | undefined> {
  return placingTrace(await picked((_part, text) => mentionOf(text, orderId)));
}

/** What is picked from the lines of all containers. */
async function picked<T>(pick: (part: string, text: string) => T | undefined): Promise<T[]> {
  // imported on demand: other commands do not need it
  const { execa } = await import('execa');
  const child = execa('docker', ['compose', 'logs', '--no-color'], {
    ...inCheckout,
    stdin: 'ignore',
    buffer: { stdout: false },
    reject: false,
  });
  const found: T[] = [];
  for await (const line of child) {
    const [, part, text] = prefixed.exec(line) ?? [];
    if (part === undefined || text === undefined) continue;
    const one = pick(part, text);
    if (one !== undefined) found.push(one);
  }
  const { failed, stderr, shortMessage } = await child;
  if (failed) throw new CommandFailed(stderr === '' ? shortMessage : stderr);
  return found;
}

/** Prints what a part has written; `follow` goes on until Ctrl-C. Throws `UnknownPartError` and `CommandFailed`. */
export async function printContainerLog(part: string, follow: boolean): Promise<void> {
  await checkComposePart(part);
  const args = ['logs', '--no-color', '--no-log-prefix', ...(follow ? ['--follow'] : []), part];
  // imported on demand: other commands do not need it
  const { execa } = await import('execa');
  // Ctrl-C reaches docker as well; that is how following ends
  const { exitCode, signal } = await execa('docker', ['compose', ...args], {
    ...inCheckout,
    stdin: 'inherit',
    stdout: [...passedOn],
    stderr: [...passedOn],
    buffer: false,
    reject: false,
  });
  if (exitCode !== 0 && signal === undefined && !follow) {
    throw new CommandFailed(`docker compose logs ended with code ${exitCode}`);
  }
}
