/** Writing for people and for programs. */

/** A line for people about what goes on; standard error, so that `--json` stays clean. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Widest line for people, columns. */
const widest = 100;

/** Text with its long lines broken between words; a word longer than a line stays whole, for it may be to be copied. */
export function wrapped(text: string): string {
  return text.split('\n').flatMap(wrappedLine).join('\n');
}

function wrappedLine(line: string): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const [first = '', ...words] = line.slice(indent.length).split(' ');
  const lines = [indent + first];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length <= widest) lines[lines.length - 1] = longer;
    else lines.push(`${indent}  ${word}`);
  }
  return lines;
}

/** Lines that are the answer. */
export function print(...lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** The one document of `--json`. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** A closed terminal or pipe must not end a command that still has work to do. */
export function survivePipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
