/** Tables for people: padded columns, colour on a terminal only. */
import { folded, widest } from './output.ts';
import { styled, widthOf } from './style.ts';

/** Lines of a table; a row may take several. */
export interface TableLines {
  readonly top: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Lines of a table under a dim head; columns named in `right` are set to the right. A table wider than `most` has its
 * cells broken between words, those of the widest column first, so that a row takes several lines; words stay whole.
 */
export function columns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
  most = widest,
): string[] {
  const lines = tableLines(head, rows, right, most);
  return [...lines.top, ...lines.rows.flat()];
}

/** The same, row by row, for callers that add lines below each. */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
  most = widest,
): TableLines {
  const cellsOf = (index: number) => [head[index] ?? '', ...rows.map((row) => row[index] ?? '')];
  const widths = fitting(
    head.map((_, index) => cellsOf(index)),
    most,
  );
  const lines = (row: readonly string[]) => {
    const cells = head.map((_, index) => folded(row[index] ?? '', widths[index], ''));
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, at) => line(cells.map((cell) => cell[at] ?? '')));
  };
  const line = (cells: readonly string[]) =>
    head
      .map((title, index) => {
        const cell = cells[index] ?? '';
        const room = ' '.repeat(Math.max(0, (widths[index] ?? 0) - widthOf(cell)));
        return right.includes(title) ? room + cell : cell + room;
      })
      .join('  ')
      .trimEnd();
  return { top: lines(head).map((text) => styled('dim', text)), rows: rows.map(lines) };
}

/** Width of each column, so that with two spaces between them they take `most` in all, if their words allow. */
function fitting(cells: readonly (readonly string[])[], most: number): number[] {
  const widths = cells.map((column) => Math.max(...column.map(widthOf)));
  const least = cells.map((column) => Math.max(...column.flatMap(wordsOf).map(widthOf)));
  const room = most - 2 * (cells.length - 1);
  while (widths.reduce((sum, width) => sum + width, 0) > room) {
    const can = widths.map((width, index) => (width > (least[index] ?? 0) ? width : 0));
    const wide = Math.max(...can);
    if (wide === 0) break;
    widths[can.indexOf(wide)] = wide - 1;
  }
  return widths;
}

/** What of a cell cannot be broken: its words, and all of it when it has a colour, which would run on into the next cell. */
function wordsOf(cell: string): string[] {
  return cell.includes('\u001b') ? [cell] : cell.split(' ');
}
