/** Writing for people and for programs. */

/** A line for people about what goes on; standard error, so that `--json` stays clean. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
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
