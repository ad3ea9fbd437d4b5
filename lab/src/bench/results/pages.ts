/** Results for pages: a picture (SVG) with a bar for each side, its CPU by who used it; and a table of Markdown. */
import { CommandFailed } from '@microshop/cli/output/errors';
import { meshRows } from '../cpu/table.ts';
import { ratioText } from './lines.ts';
import { goOn, type Result } from './schemas.ts';
import { summaryOf } from './summary.ts';

/** Pixels. A letter of the fonts named below is 0.6 of its size wide. */
const width = 968;
const edge = 14;
const letters = 11;
const letterWidth = letters * 0.6;
const barHeight = 16;
const barStep = 22;
const groupGap = 26;
const headHeight = 62;
const barX = edge + 110;
const barsWidth = width - edge - barX - 130;

const font = 'ui-monospace, SFMono-Regular, Menlo, Consolas, Liberation Mono, monospace';
const ink = { text: '#24292f', quiet: '#6a737d', border: '#d5d9e0' };

/** A colour for each row of the mesh, in their order. */
const colours = [
  '#2f6fd0',
  '#c2620a',
  '#1a7f64',
  '#8250c8',
  '#d1242f',
  '#d4a017',
  '#5b6470',
  '#8c959f',
  '#24292f',
];

/** One side of a comparison. */
interface Bar {
  readonly name: string;
  /** Milliseconds per order, by row of the mesh. */
  readonly parts: readonly number[];
  readonly ordersPerSecond: number;
}

/** The bars of a comparison. Throws `CommandFailed` for one that is not valid: a picture would make a result of it. */
function barsOf(result: Result): readonly Bar[] {
  const { comparison, plan, pairs, sides } = result;
  const invalid = pairs.filter((pair) => pair.invalid.length > 0).length;
  if (invalid > 0 || pairs.length < plan.pairs) {
    throw new CommandFailed(
      `${comparison} has ${pairs.length - invalid} valid pairs of ${plan.pairs}: ${goOn(result)}`,
    );
  }
  const { byRow, ordersPerSecond } = summaryOf(pairs);
  return ([0, 1] as const).map((side) => ({
    name: sides[side],
    parts: meshRows.map((row) => byRow.find((one) => one.row === row)?.msPerOrder[side] ?? 0),
    ordersPerSecond: ordersPerSecond.sides[side].median,
  }));
}

/** The lines of the SVG; `origin` is a line that says where it comes from. Throws `CommandFailed` for a comparison that is not valid. */
export function costPicture(results: readonly Result[], origin: string): string[] {
  const groups = results.map((result) => ({ says: result.says, bars: barsOf(result) }));
  const totals = groups.flatMap(({ bars }) => bars.map(totalOf));
  const scale = barsWidth / Math.max(...totals);
  const lines: string[] = [];
  let y = headHeight;
  for (const { says, bars } of groups) {
    lines.push(text(says, edge, y, ink.quiet));
    y += 8;
    for (const bar of bars) {
      let x = barX;
      lines.push(text(bar.name, edge, y + 12));
      for (const [index, ms] of bar.parts.entries()) {
        lines.push(
          `<rect x="${x.toFixed(1)}" y="${y}" width="${(ms * scale).toFixed(1)}" height="${barHeight}" fill="${colours[index]}"/>`,
        );
        x += ms * scale;
      }
      lines.push(text(`${totalOf(bar).toFixed(1)} ms, ${bar.ordersPerSecond.toFixed(0)}/s`, x + 6, y + 12));
      y += barStep;
    }
    y += groupGap;
  }
  const height = y + 12;
  let keyX = edge;
  const key = meshRows.flatMap((row, index) => {
    const at = keyX;
    keyX += 22 + row.length * letterWidth;
    return [
      `<circle cx="${at + 5}" cy="36" r="5" fill="${colours[index]}"/>`,
      text(row, at + 14, 40, ink.quiet),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${font}" font-size="${letters}">`,
    '<title>CPU of an order</title>',
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="4" fill="#fff" stroke="${ink.border}"/>`,
    text('CPU of an order, milliseconds, by who uses it; orders per second', edge, 22),
    ...key,
    ...lines,
    text(origin, edge, height - 10, ink.quiet),
    '</svg>',
  ];
}

/** The lines of the same as a table of Markdown, with medians, least and most, and the ratio with its interval. Throws as {@link costPicture} does. */
export function costTable(results: readonly Result[]): string[] {
  const rows = results.flatMap((result) => {
    barsOf(result);
    const { ordersPerSecond, cpuMsPerOrder, p50, p99 } = summaryOf(result.pairs);
    return [
      [result.says, 'orders per second', ...spreads(ordersPerSecond, 0), ratioText(ordersPerSecond)],
      ['', 'CPU of an order, ms', ...spreads(cpuMsPerOrder, 2), ratioText(cpuMsPerOrder)],
      ['', 'answer p50, ms', ...spreads(p50, 1), ratioText(p50)],
      ['', 'answer p99, ms', ...spreads(p99, 1), ratioText(p99)],
    ];
  });
  const head = ['first ÷ second', 'figure', 'first', 'second', 'ratio'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

function spreads({ sides }: ReturnType<typeof summaryOf>['p50'], digits: number): string[] {
  return sides.map(
    ({ median, least, most }) =>
      `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`,
  );
}

function totalOf({ parts }: Bar): number {
  return parts.reduce((sum, ms) => sum + ms, 0);
}

function text(content: string, x: number, y: number, fill = ink.text): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y}" fill="${fill}">${escaped}</text>`;
}
