/** Lines over time, with a legend below. */
import type { LineSeriesOption } from 'echarts/charts';
import { type Drawing, textWidth } from '../chart.ts';
import type { Panel } from '../dashboard.ts';
import { axisUnit } from '../format.ts';
import type { Box } from '../layout.ts';
import type { Event, Scene, Series } from '../series.ts';
import { legend } from './legend.ts';
import { colourOfLine, limitsOf, unitOf, valueText } from './look.ts';

/** Pixels for the labels of the value axis, unless these are longer, and of the time axis. */
const valueAxisWidth = 66;
const timeAxis = 20;

/** Lines and legend in that room. */
export function timeSeries(panel: Panel, series: readonly Series[], room: Box, scene: Scene): Drawing {
  const below = legend(panel, series, room);
  const { min, max } = panel.fieldConfig?.defaults ?? {};
  const values = series.flatMap(({ points }) => points.flatMap(([, value]) => value ?? []));
  // the axis has round numbers in its unit
  const most = Math.max(0, ...values);
  const unit = axisUnit(most, unitOf(panel));
  const valueAxis = Math.max(valueAxisWidth, textWidth(valueText(panel, most), 10) + 10);
  const plot = {
    x: room.x + valueAxis,
    y: room.y + 6,
    width: room.width - valueAxis - 14,
    height: room.height - timeAxis - below.height - 6,
  };
  return {
    shapes: below.shapes,
    plots: [
      {
        box: plot,
        range: scene.range,
        unit,
        lines: series.map((one, index) => ({
          ...line(panel, one, index, unit),
          // marks that are drawn once belong to the first line
          ...(index === 0 ? { ...limitLines(panel, unit), ...eventAreas(scene.events) } : {}),
        })),
        axes: {
          ...(min === undefined ? {} : { min: min / unit }),
          ...(max === undefined ? {} : { max: max / unit }),
          label: (value) => valueText(panel, value * unit),
        },
      },
    ],
  };
}

function line(panel: Panel, { name, points }: Series, index: number, unit: number): LineSeriesOption {
  const { fillOpacity = 0, stacking } = panel.fieldConfig?.defaults.custom ?? {};
  const color = colourOfLine(panel, name, index);
  return {
    type: 'line',
    name,
    data: points.map(([at, value]) => [at, value === null ? null : value / unit]),
    showSymbol: false,
    // a single value between two gaps has no line that shows it
    ...(alone(points.map(([, value]) => value)) ? { showSymbol: true, symbolSize: 4 } : {}),
    itemStyle: { color },
    lineStyle: { color, width: 1.5 },
    ...(fillOpacity === 0 ? {} : { areaStyle: { color, opacity: fillOpacity / 100 } }),
    ...(stacking?.mode === 'normal' ? { stack: 'all' } : {}),
  };
}

/** The panel's limits, when it shows them. */
function limitLines(panel: Panel, unit: number): Pick<LineSeriesOption, 'markLine'> {
  const mode = panel.fieldConfig?.defaults.custom?.thresholdsStyle?.mode ?? 'off';
  if (mode === 'off') return {};
  const data = limitsOf(panel).map(({ from, colour }) => ({
    yAxis: from / unit,
    lineStyle: { color: colour, type: 'dashed' as const, width: 1 },
  }));
  return { markLine: { symbol: 'none', label: { show: false }, data } };
}

function eventAreas(events: readonly Event[]): Pick<LineSeriesOption, 'markArea'> {
  const data = events.flatMap(({ colour, stretches }) =>
    stretches.map(({ fromMs, toMs }): [{ xAxis: number; itemStyle: object }, { xAxis: number }] => [
      { xAxis: fromMs, itemStyle: { color: colour, opacity: 0.12 } },
      { xAxis: toMs },
    ]),
  );
  return data.length === 0 ? {} : { markArea: { data } };
}

/** Whether no two values follow each other. */
function alone(values: readonly (number | null)[]): boolean {
  return !values.some((value, index) => value !== null && (values[index + 1] ?? null) !== null);
}
