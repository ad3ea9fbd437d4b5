/**
 * The drawing library: charts as SVG, drawn here, so that a page needs no script. Colours are variables of the page's style,
 * which has two sets of them, for light and for dark.
 */
import { BarChart, CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components';
import { type EChartsCoreOption, format, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([
  BarChart,
  CustomChart,
  LineChart,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  SVGRenderer,
]);

/** Colours by what they stand for. */
export const ink = {
  text: 'var(--text)',
  quiet: 'var(--quiet)',
  grid: 'var(--grid)',
  fault: 'var(--fault)',
  good: 'var(--good)',
  bad: 'var(--bad)',
  halfway: 'var(--halfway)',
  /** Lines and bars that have no colour of their own, in their order. */
  others: ['var(--blue)', 'var(--purple)', 'var(--orange)', 'var(--teal)', 'var(--pink)', 'var(--olive)'],
} as const;

/** Pixels: two charts stand beside each other on a wide page, so letters stay legible. */
const width = 620;

const fontFamily = 'system-ui, Segoe UI, Helvetica, Arial, sans-serif';

/** Looks of an axis. */
export const axis = {
  axisLine: { lineStyle: { color: ink.grid } },
  axisTick: { show: false },
  axisLabel: { color: ink.quiet, fontSize: 11, fontFamily },
  nameTextStyle: { color: ink.quiet, fontSize: 11, fontFamily },
  splitLine: { lineStyle: { color: ink.grid } },
} as const;

/** Looks of a legend above the plot. */
export const legend = {
  top: 0,
  left: 46,
  itemWidth: 14,
  itemHeight: 8,
  itemGap: 14,
  textStyle: { color: ink.text, fontSize: 12, fontFamily },
} as const;

/** The SVG of a chart of that height, pixels; it grows with the page. `title` is what a screen reader says of it. */
export function svgOf(title: string, height: number, option: EChartsCoreOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({ animation: false, textStyle: { fontFamily }, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg
    .replace(/ width="\d+" height="\d+"/, '')
    .replace('>', () => ` role="img"><title>${format.encodeHTML(title)}</title>`);
}
