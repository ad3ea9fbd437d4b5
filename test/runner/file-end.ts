/**
 * Why a file of tests failed where none of its tests did: its process ended before they had, or with a code of its own. Node says no
 * more than 'test failed' then; the code, what ran, and what was said last say where to look.
 */
import type { run } from 'node:test';

/** Lines of the standard error that are kept of each file. */
const linesKept = 12;

/** A run of files, which reports what it does as events. */
type Stream = ReturnType<typeof run>;

/** A test, as the events about it name it. */
interface Named {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

const keyOf = ({ name, file, line, column }: Named): string => [name, file, line, column].join('\n');

/**
 * Listens to a run, from its beginning. The function that it returns takes the error of a test that failed, and the file: the text is
 * undefined unless it is the end of a process.
 */
export function fileEnds(stream: Stream): (error: object, file: string) => string | undefined {
  /** Tests that have begun and not ended. */
  const running = new Map<string, string>();
  const said = new Map<string, string>();
  stream.on('test:dequeue', (test) => {
    // a file is reported as a test as well
    if (test.name !== test.file) running.set(keyOf(test), test.name);
  });
  stream.on('test:complete', (test) => void running.delete(keyOf(test)));
  stream.on('test:stderr', ({ file, message }) => void said.set(file, (said.get(file) ?? '') + message));
  return (error, file) => {
    const how = endOf(error);
    if (how === undefined) return undefined;
    const ran = [...running.values()].map((name) => `"${name}"`);
    const lines = (said.get(file) ?? '').trimEnd().split('\n').slice(-linesKept);
    return [
      `Its process ended ${how}; ${ran.length === 0 ? 'no test ran' : `while ${ran.join(', ')} ran`}`,
      ...lines.filter((line) => line !== '').map((line) => `  ${line}`),
    ].join('\n');
  };
}

/** `with code 3`, `by SIGKILL`; undefined for the error of a test. */
function endOf(error: object): string | undefined {
  if ('signal' in error && typeof error.signal === 'string') return `by ${error.signal}`;
  if ('exitCode' in error && typeof error.exitCode === 'number') return `with code ${error.exitCode}`;
  return undefined;
}
