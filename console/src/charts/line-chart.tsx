/** One figure over time as a line, with the same in a table for who cannot see it. Loaded when it is shown. */
import { LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { useTheme } from '../app/theme.ts';
import { timeText } from '../look/format.ts';

use([LineChart, GridComponent, TooltipComponent, SVGRenderer]);

/** What is drawn. */
interface ChartProps {
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  readonly text: (value: number | null) => string;
}

/** Colour of the theme, which a drawing cannot take from the page's style by itself. */
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}

/** Rows of the table: one for each half a minute. */
const tableStep = 6;

/** A line chart of one figure. */
export default function FigureChart({ title, times, values, text }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours that are read are those of the theme
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const chart = init(element, undefined, { renderer: 'svg' });
    chart.setOption({
      animation: false,
      grid: { left: 48, right: 18, top: 8, bottom: 20 },
      tooltip: {
        trigger: 'axis',
        confine: true,
        // as an SVG node: the page's CSP allows no inline styles in markup
        renderMode: 'richText',
        backgroundColor: colour('--card'),
        borderColor: colour('--line'),
        textStyle: { color: colour('--text'), fontSize: 11 },
        valueFormatter: (value: unknown) => text(typeof value === 'number' ? value : null),
      },
      xAxis: {
        type: 'time',
        axisLabel: { color: colour('--soft'), hideOverlap: true, fontSize: 10, formatter: '{HH}:{mm}' },
        axisLine: { lineStyle: { color: colour('--line') } },
      },
      yAxis: {
        type: 'value',
        splitNumber: 2,
        axisLabel: { color: colour('--soft'), fontSize: 10, formatter: (value: number) => text(value) },
        splitLine: { lineStyle: { color: colour('--line') } },
      },
      series: [
        {
          type: 'line',
          name: title,
          showSymbol: false,
          lineStyle: { color: colour('--accent'), width: 1.8 },
          itemStyle: { color: colour('--accent') },
          data: times.map((time, index) => [time, values[index] ?? null]),
        },
      ],
    });
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [title, times, values, text, theme]);
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} className="plot" aria-hidden="true" />
      <table className="spoken">
        <caption>{title}</caption>
        <tbody>
          {times
            .map((time, index) => [time, values[index] ?? null] as const)
            .filter((_row, index) => index % tableStep === 0)
            .map(([time, value]) => (
              <tr key={time}>
                <th scope="row">{timeText(time)}</th>
                <td>{text(value)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </figure>
  );
}
