/**
 * What a terminal is given. Much of what commands print came from outside (messages, headers, reasons, log lines, names of
 * spans), and a terminal obeys the control characters in it. So only one kind passes: the colours this process sets itself.
 */
import { randomInt } from 'node:crypto';
import { stripVTControlCharacters, styleText } from 'node:util';

/** Parameters that no text from outside can guess; a colour code with them is ours. */
const seal = Array.from({ length: 3 }, () => randomInt(1000, 10_000)).join(';');

const sealedCode = new RegExp(String.raw`\u001b\[([\d;]+);${seal}m`, 'g');

/** C0, DEL and C1; what turns the direction of text; separators of lines; halves of a pair. */
const control = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text in a colour, on a terminal. The text may be from outside: it is escaped when it is printed. */
export function styled(format: Parameters<typeof styleText>[0], text: string): string {
  const [open = '', close = ''] = styleText(format, '\0').split('\0');
  return `${sealed(open)}${text}${sealed(close)}`;
}

function sealed(code: string): string {
  // several formats need several codes
  return code.replaceAll('m', `;${seal}m`);
}

/** One line as a terminal may have it: our colours, and every other control character as `\x1b`, `\u202e`. */
export function shown(text: string): string {
  let from = 0;
  let line = '';
  for (const match of text.matchAll(sealedCode)) {
    line += `${text.slice(from, match.index).replaceAll(control, escaped)}\u001b[${match[1] ?? ''}m`;
    from = match.index + match[0].length;
  }
  return line + text.slice(from).replaceAll(control, escaped);
}

/** The same for a text of several lines; those behind the first are set in, so that none passes for a line of ours. */
export function shownLines(text: string): string {
  const [first = '', ...others] = text.split('\n').map(shown);
  return [first, ...others.map((line) => (line === '' || line.startsWith(' ') ? line : `  ${line}`))].join(
    '\n',
  );
}

/** Columns that a line takes. */
export function widthOf(text: string): number {
  return stripVTControlCharacters(shown(text)).length;
}

/** A JSON document that says the same, and holds no character a terminal obeys. */
export function shownJson(value: unknown): string {
  const hidden = /[\u007f-\u009f\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;
  return JSON.stringify(value, null, 2).replaceAll(hidden, (one) => `\\u${hex(one, 4)}`);
}

function escaped(one: string): string {
  return one.charCodeAt(0) < 0x100 ? `\\x${hex(one, 2)}` : `\\u${hex(one, 4)}`;
}

function hex(one: string, digits: number): string {
  return one.charCodeAt(0).toString(16).padStart(digits, '0');
}
