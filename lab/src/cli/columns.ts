/** Tables for people: padded columns, colour on a terminal only. */
import { stripVTControlCharacters, styleText } from 'node:util';

/** Printable width: colour codes take no room. */
function width(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Lines of a table under a dim head; columns named in `right` are set to the right. */
export function columns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
): string[] {
  const widths = head.map((title, index) =>
    Math.max(width(title), ...rows.map((row) => width(row[index] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    head
      .map((title, index) => {
        const cell = cells[index] ?? '';
        const room = ' '.repeat(Math.max(0, (widths[index] ?? 0) - width(cell)));
        return right.includes(title) ? room + cell : cell + room;
      })
      .join('  ')
      .trimEnd();
  return [styleText('dim', line(head)), ...rows.map(line)];
}
