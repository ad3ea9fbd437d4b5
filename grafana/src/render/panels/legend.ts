/** The table below the lines: their names and numbers. */
import { rect, type Shape, text, textWidth } from '../chart.ts';
import { ink } from '../colours.ts';
import type { Panel } from '../dashboard.ts';
import { briefly } from '../format.ts';
import type { Box } from '../layout.ts';
import { type Calculation, calculated, type Series } from '../series.ts';
import { colourOfLine, valueText } from './look.ts';

/** Pixels of a line, and of the letters in it. */
const lineHeight = 14;
const size = 10;
/** Pixels between two columns. */
const gap = 8;
/** Pixels of the mark before a name. */
const mark = 15;
/** Pixels that two tables side by side need. */
const twoTables = 400;
/** Share of the panel that the table takes at most. */
const mostOfPanel = 0.5;

const heads: Readonly<Record<Calculation, string>> = {
  last: 'last',
  lastNotNull: 'last',
  min: 'min',
  max: 'max',
  mean: 'mean',
  sum: 'sum',
};

/** The legend at the bottom of that room. */
export interface Legend {
  readonly shapes: readonly Shape[];
  /** Pixels it takes from the room. */
  readonly height: number;
}

/** One table, or two side by side for more than three lines; lines that do not fit are counted. */
export function legend(panel: Panel, series: readonly Series[], room: Box): Legend {
  const calcs = panel.options?.legend?.calcs ?? [];
  const tables = room.width >= twoTables && series.length > 3 ? 2 : 1;
  const fit = Math.max(1, Math.floor((room.height * mostOfPanel) / lineHeight) - 1);
  const lines = Math.min(fit, Math.ceil(series.length / tables));
  const shown = series.length > lines * tables ? series.slice(0, lines * tables - 1) : series;
  const height = (lines + 1) * lineHeight;
  const width = room.width / tables;
  const top = room.y + room.height - height;

  const left = (table: number) => room.x + table * (width + gap / 2);
  const right = (table: number) => left(table) + width - (tables - 1) * gap;
  const middle = (line: number) => top + (line + 0.5) * lineHeight;

  // line 0 holds the headings
  const ofTables = Array.from({ length: tables }, (_, table) => {
    const lines = shown.filter((_, index) => index % tables === table);
    const columns = columnsOf(panel, calcs, lines, right(table));
    const names = columns[0]?.left ?? right(table);
    return [
      ...columns.map(({ head, end }) =>
        text(head, end, middle(0), { size, fill: ink.quiet, align: 'right' }),
      ),
      ...lines.flatMap((one, index): Shape[] => {
        const x = left(table);
        const y = middle(index + 1);
        const fill = colourOfLine(panel, one.name, series.indexOf(one));
        return [
          rect({ x, y: y - 1.5, width: 10, height: 3 }, { fill }),
          text(one.name, x + mark, y, { size, width: names - x - mark }),
          ...columns.map(({ numbers, end }) => text(numbers[index] ?? '', end, y, { size, align: 'right' })),
        ];
      }),
    ];
  });
  const missing = series.length - shown.length;
  const more = text(`and ${missing} more`, left(tables - 1) + mark, middle(lines), {
    size: 10,
    fill: ink.quiet,
  });
  return { shapes: [...ofTables.flat(), ...(missing === 0 ? [] : [more])], height };
}

/** A column of numbers: its head, where it begins and ends, and a number for each line. */
interface Column {
  readonly head: string;
  readonly left: number;
  readonly end: number;
  readonly numbers: readonly string[];
}

/** The columns from left to right, each as wide as its widest number; the last ends at `end`. */
function columnsOf(
  panel: Panel,
  calcs: readonly Calculation[],
  lines: readonly Series[],
  end: number,
): Column[] {
  const columns: Column[] = [];
  for (const calc of calcs.toReversed()) {
    const numbers = lines.map((one) => valueText(panel, calculated(one, calc), briefly));
    const width = gap + Math.max(...[heads[calc], ...numbers].map((words) => textWidth(words, size)));
    const right = columns[0]?.left ?? end;
    columns.unshift({ head: heads[calc], numbers, end: right, left: right - width });
  }
  return columns;
}
