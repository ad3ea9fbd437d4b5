/**
 * Writing for people and for programs. Nothing else writes: what came from outside is made harmless here, and commands are
 * named as they are typed where this runs.
 */
import { helpHere, typedHere } from '@microshop/program-kit/typed-here';
import { shown, shownJson, shownLines, widthOf } from './style.ts';

/** Text for people about what goes on, long lines broken; standard error, so that `--json` stays clean. */
export function progress(text: string): void {
  process.stderr.write(`${shownLines(wrapped(typedHere(text)))}\n`);
}

/** A line at the bottom of a terminal that is written over again and again. */
export interface LiveLine {
  show(text: string): void;
  /** To be called before anything else is written to the terminal. */
  erase(): void;
}

/** The live line of standard error; `undefined` when that is no terminal. */
export function liveLine(stream: NodeJS.WriteStream = process.stderr): LiveLine | undefined {
  if (!stream.isTTY) return undefined;
  const erase = () => void stream.write('\r\u001b[K');
  return {
    show(text) {
      erase();
      // a line that the terminal wraps could not be overwritten
      stream.write(shown(text).slice(0, stream.columns - 1));
    },
    erase,
  };
}

/** Widest line for people, columns. */
export const widest = 100;

/** Text with its long lines broken between words; a word longer than a line stays whole, for it may be to be copied. */
export function wrapped(text: string): string {
  return text
    .split('\n')
    .flatMap((line) => folded(line))
    .join('\n');
}

/** One line, broken between words where it is longer than `most` columns; what follows is set in. */
export function folded(line: string, most = widest, setIn = '  '): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const [first = '', ...words] = line.slice(indent.length).split(' ');
  const lines = [indent + first];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (widthOf(longer) <= most) lines[lines.length - 1] = longer;
    else lines.push(`${indent}${setIn}${word}`);
  }
  return lines;
}

/** Lines that are the answer. */
export function print(...lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${shown(typedHere(line))}\n`).join(''));
}

/** A line of a server's log, as it stands there. */
export function passOn(line: string): void {
  process.stdout.write(`${shown(line)}\n`);
}

/** A document for programs about what goes on beside the answer; standard error. */
export function reportJson(value: unknown): void {
  process.stderr.write(`${shownJson(value)}\n`);
}

/** Where commander writes help and usage. */
export const helpOutput = {
  writeOut: (text: string) => process.stdout.write(helpHere(text)),
  writeErr: (text: string) => process.stderr.write(helpHere(text)),
} as const;

/** The one document of `--json`. */
export function printJson(value: unknown): void {
  process.stdout.write(`${shownJson(value)}\n`);
}

/** Where the lines of a program go that we only pass on: a server's log. */
export const passedOn = [
  function* (line: unknown) {
    yield shown(String(line));
  },
  'inherit',
] as const;

/** A closed terminal or pipe must not end a command that still has work to do. */
export function survivePipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
