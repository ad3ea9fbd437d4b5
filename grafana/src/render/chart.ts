/** The drawing library: what a panel is made of, and the SVG of it all. */
import { LineChart, type LineSeriesOption } from 'echarts/charts';
import {
  GraphicComponent,
  type GraphicComponentOption,
  GridComponent,
  type GridComponentOption,
  MarkAreaComponent,
  MarkLineComponent,
} from 'echarts/components';
import { type ComposeOption, format, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { ink } from './colours.ts';
import type { Box } from './layout.ts';
import type { Range } from './series.ts';

use([LineChart, GridComponent, GraphicComponent, MarkAreaComponent, MarkLineComponent, SVGRenderer]);

/** A text or a rectangle. */
export type Shape = GraphicComponentOption;

/** Lines over time in a box, without what stands around it. */
export interface Plot {
  readonly box: Box;
  readonly range: Range;
  readonly lines: readonly LineSeriesOption[];
  /** The value axis with its labels, or nothing but the lines. */
  readonly axes:
    | false
    | { readonly min?: number; readonly max?: number; readonly label: (value: number) => string };
  /** What the value axis counts in: values of the panel are divided by it. */
  readonly unit: number;
}

/** What a panel is made of. */
export interface Drawing {
  readonly shapes: readonly Shape[];
  readonly plots: readonly Plot[];
}

/** Faces that nearly every machine has in the same widths. */
const fontFamily = 'Helvetica, Arial, sans-serif';

/** Several drawings as one. */
export function together(...drawings: readonly Drawing[]): Drawing {
  return {
    shapes: drawings.flatMap(({ shapes }) => shapes),
    plots: drawings.flatMap(({ plots }) => plots),
  };
}

/** How a text looks. */
export interface TextStyle {
  readonly size?: number;
  readonly bold?: boolean;
  readonly fill?: string;
  readonly align?: 'left' | 'center' | 'right';
  /** Pixels after which it is cut, with an ellipsis. */
  readonly width?: number;
}

/** A line of text; `y` is its middle, `x` the side it is aligned to. */
export function text(content: string, x: number, y: number, style: TextStyle = {}): Shape {
  const { size = 11, bold = false, fill = ink.text, align = 'left', width } = style;
  return {
    type: 'text',
    silent: true,
    style: {
      text: content,
      x,
      y,
      fill,
      align,
      verticalAlign: 'middle',
      fontSize: size,
      fontFamily,
      fontWeight: bold ? 'bold' : 'normal',
      ...(width === undefined ? {} : { width, overflow: 'truncate', ellipsis: '…' }),
    },
  };
}

/** Pixels of a line of text; an estimate, as there is no screen. */
export function textWidth(content: string, size: number): number {
  return format.getTextRect(content, `${size}px ${fontFamily}`).width;
}

/** A filled rectangle. */
export function rect(box: Box, style: { fill: string; stroke?: string; radius?: number }): Shape {
  const { fill, stroke, radius = 0 } = style;
  return {
    type: 'rect',
    silent: true,
    shape: { ...box, r: radius },
    style: { fill, ...(stroke === undefined ? {} : { stroke, lineWidth: 1 }) },
  };
}

/** What the library draws by. */
export type Option = ComposeOption<LineSeriesOption | GridComponentOption | GraphicComponentOption>;

/** What the library draws a drawing by, into a file or on a page. */
export function optionOf({ shapes, plots }: Drawing): Option {
  const axisText = { fontSize: 10, color: ink.quiet, fontFamily };
  return {
    animation: false,
    useUTC: true,
    backgroundColor: ink.page,
    // frames are drawn first, below the lines
    graphic: shapes.map((shape) => ({ ...shape, z: 0 })),
    grid: plots.map(({ box: { x, y, width, height } }) => ({ left: x, top: y, width, height })),
    xAxis: plots.map(({ range, axes }, gridIndex) => ({
      type: 'time',
      gridIndex,
      show: axes !== false,
      min: range.startMs,
      max: range.endMs,
      splitNumber: 4,
      axisLine: { lineStyle: { color: ink.border } },
      axisTick: { show: false },
      axisLabel: { ...axisText, hideOverlap: true, formatter: clock },
    })),
    yAxis: plots.map(({ axes }, gridIndex) => ({
      type: 'value',
      gridIndex,
      show: axes !== false,
      splitNumber: 3,
      splitLine: { lineStyle: { color: ink.grid } },
      ...(axes === false
        ? {}
        : {
            ...(axes.min === undefined ? {} : { min: axes.min }),
            ...(axes.max === undefined ? {} : { max: axes.max }),
            axisLabel: { ...axisText, formatter: axes.label },
          }),
    })),
    series: plots.flatMap(({ lines }, index) =>
      lines.map((line) => ({
        ...line,
        xAxisIndex: index,
        yAxisIndex: index,
        silent: true,
        // the library adds up all lines of a stack, even of different axes
        ...(line.stack === undefined ? {} : { stack: `${line.stack} ${index}` }),
      })),
    ),
  };
}

/** The SVG of a drawing of that size, pixels; `title` is what a screen reader says of it. */
export function svgOf(
  title: string,
  drawing: Drawing,
  size: { readonly width: number; readonly height: number },
): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: size.width, height: size.height });
  chart.setOption(optionOf(drawing));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg.replace('>', () => `><title>${format.encodeHTML(title)}</title>`);
}

/** `10:05:30`, UTC. */
export function timeOf(atMs: number): string {
  return new Date(atMs).toISOString().slice('2026-01-01T'.length, '2026-01-01T10:05:30'.length);
}

/** `10:05`, or `10:05:30` between two minutes; UTC. */
export function clock(atMs: number): string {
  return timeOf(atMs).replace(/:00$/, '');
}
