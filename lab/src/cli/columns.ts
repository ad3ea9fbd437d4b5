/** Tables for people: padded columns, colour on a terminal only. */
import { styled, widthOf } from './style.ts';

/** Lines of a table under a dim head; columns named in `right` are set to the right. */
export function columns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
): string[] {
  const widths = head.map((title, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    head
      .map((title, index) => {
        const cell = cells[index] ?? '';
        const room = ' '.repeat(Math.max(0, (widths[index] ?? 0) - widthOf(cell)));
        return right.includes(title) ? room + cell : cell + room;
      })
      .join('  ')
      .trimEnd();
  return [styled('dim', line(head)), ...rows.map(line)];
}
