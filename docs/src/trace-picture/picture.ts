/** Draws a trace as a picture (SVG): the rows of the waterfall, with the time to scale and a colour for each service. */
import { stripVTControlCharacters } from 'node:util';
import { duration, verdictLines } from '@microshop/cli/text/waterfall';
import type { Verdict } from '@microshop/control/trace/verdict';
import { type Axis, labelOf, type Row, timeAxis, traceRows } from '@microshop/control/trace/waterfall';
import { services } from '@microshop/topology';

/** Pixels. A letter of the fonts named below is 0.6 of its size wide. */
const width = 968;
const edge = 14;
const rowHeight = 15;
const barHeight = 9;
const letters = 11;
const letterWidth = letters * 0.6;

/** Columns: service, span, how long it took, and the time axis. */
const spanX = edge + 128;
const tookX = spanX + 350;
const axisX = tookX + 12;
const axisWidth = width - edge - axisX;
/** Above the rows, and below them for each line of text. */
const headHeight = 62;
const footLine = 17;
/** Letters of a span's name, with those its depth takes. */
const spanLetters = Math.floor((tookX - spanX - 52) / letterWidth);

const font = 'ui-monospace, SFMono-Regular, Menlo, Consolas, Liberation Mono, monospace';
const ink = { text: '#24292f', quiet: '#6a737d', line: '#e3e6ea', border: '#d5d9e0', error: '#d1242f' };

/** A strong colour for a service, a pale one for its sidecar, in the order of the topology. */
const colours = [
  ['#1a7f64', '#8fcdbb'],
  ['#c2620a', '#f0b987'],
  ['#2f6fd0', '#a5c4f0'],
  ['#8250c8', '#cdb6ec'],
] as const;
const gatewayColour = '#5b6470';

/** The SVG; `origin` is a line that says where it comes from. Throws an error when the trace has no span. */
export function tracePicture(verdict: Verdict, origin: string): string {
  const rows = traceRows(verdict.spans);
  const work = rows.filter((row) => row.type === 'span');
  if (work.length === 0) throw new Error('The trace has no spans');
  const axis = timeAxis(work, axisWidth);
  const startUs = Math.min(...rows.map((row) => row.startUs));
  const endUs = Math.max(...rows.map((row) => row.endUs));
  const rowsEnd = headHeight + rows.length * rowHeight;
  const foot = [
    ...axis.breaks.map(({ lengthUs }) => `┊ ${duration(lengthUs)} without any work are cut short`),
    ...verdictLines(verdict).map(stripVTControlCharacters),
    origin,
  ];
  const height = rowsEnd + 10 + foot.length * footLine + 6;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${font}" font-size="${letters}">`,
    `<title>Trace ${verdict.trace_id}</title>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="4" fill="#fff" stroke="${ink.border}"/>`,
    text(`Trace ${verdict.trace_id}`, edge, 22, { size: 13, bold: true }),
    text(`${verdict.spans.length} spans · ${duration(endUs - startUs)}`, width - edge, 22, { anchor: 'end' }),
    ...timeLines(axis, startUs, endUs, rowsEnd),
    ...rows.flatMap((row, index) => rowShapes(row, headHeight + index * rowHeight, axis)),
    ...axis.breaks.map(({ fromColumn, toColumn }) => {
      const x = round(axisX + (fromColumn + toColumn) / 2);
      return `<path d="M${x} ${headHeight}V${rowsEnd}" stroke="${ink.quiet}" stroke-dasharray="2 3"/>`;
    }),
    ...foot.map((line, index) =>
      text(line, edge, rowsEnd + 20 + index * footLine, {
        fill: index < foot.length - 1 ? ink.text : ink.quiet,
      }),
    ),
    '</svg>',
    '',
  ].join('\n');
}

function rowShapes(row: Row, y: number, axis: Axis): string[] {
  const base = y + rowHeight - 4;
  const wait = row.type === 'wait';
  const colour = row.error ? ink.error : colourOf(row.service);
  const from = axis.column(row.startUs);
  // at least 1.5 pixels, however short the span
  const length = Math.max(1.5, axis.column(row.endUs) - from);
  const bar = `<rect x="${round(axisX + from)}" y="${y + 3}" width="${round(length)}" height="${barHeight}" rx="1"`;
  const label = labelOf(row, spanLetters - row.depth);
  const words = wait ? { fill: ink.quiet, italic: true } : row.error ? { fill: ink.error } : {};
  return [
    `<rect x="${edge}" y="${y + 4}" width="7" height="7" rx="1.5" fill="${colourOf(row.service)}"/>`,
    text(row.service, edge + 12, base, { fill: ink.quiet }),
    text(label, round(spanX + row.depth * letterWidth), base, words),
    text(duration(row.endUs - row.startUs), tookX, base, { fill: ink.quiet, anchor: 'end' }),
    wait ? `${bar} fill="#fff" stroke="${colour}" stroke-dasharray="2 2"/>` : `${bar} fill="${colour}"/>`,
  ];
}

/** Lines at round times, with the times above the rows. */
function timeLines(axis: Axis, startUs: number, endUs: number, bottom: number): string[] {
  const stepUs = roundStep((endUs - startUs) / 6);
  const times = Array.from(
    { length: Math.floor((endUs - startUs) / stepUs) + 1 },
    (_, index) => index * stepUs,
  );
  const inBreak = (column: number) =>
    axis.breaks.some(({ fromColumn, toColumn }) => column > fromColumn && column < toColumn);
  return times.flatMap((atUs) => {
    const column = axis.column(startUs + atUs);
    if (inBreak(column)) return [];
    const x = round(axisX + column);
    return [
      `<path d="M${x} ${headHeight - 6}V${bottom}" stroke="${ink.line}"/>`,
      text(atUs === 0 ? '0' : duration(atUs).replace('.0 ', ' '), x, headHeight - 11, {
        fill: ink.quiet,
        anchor: 'middle',
        size: 10,
      }),
    ];
  });
}

/** The next of 1, 2, 5, 10, 20, … that is no smaller. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}

function colourOf(part: string): string {
  const index = services.findIndex(({ name }) => part === name || part === `${name}-sidecar`);
  const [strong, pale] = colours[index % colours.length] ?? [gatewayColour, gatewayColour];
  return part.endsWith('-sidecar') ? pale : strong;
}

interface TextStyle {
  readonly fill?: string;
  readonly size?: number;
  readonly bold?: boolean;
  readonly italic?: boolean;
  readonly anchor?: 'start' | 'middle' | 'end';
}

function text(content: string, x: number, y: number, style: TextStyle = {}): string {
  const { fill = ink.text, size = letters, bold = false, italic = false, anchor = 'start' } = style;
  const attributes = [
    `x="${x}" y="${y}" fill="${fill}"`,
    ...(size === letters ? [] : [`font-size="${size}"`]),
    ...(bold ? ['font-weight="bold"'] : []),
    ...(italic ? ['font-style="italic"'] : []),
    ...(anchor === 'start' ? [] : [`text-anchor="${anchor}"`]),
  ];
  return `<text ${attributes.join(' ')}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
