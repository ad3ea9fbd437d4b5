/** The charts of a comparison's page, both of its primary figure. */
import { axis, ink, svgOf } from '../experiment/page/chart.ts';
import type { FigureResult } from './judge.ts';
import { type ArmRun, validBlocks } from './judge.ts';
import { shown, signed } from './table.ts';

/** Pixels. */
const height = 280;

/** Room around the plot, pixels. */
const grid = { left: 70, right: 24, top: 24, bottom: 44 } as const;

const colours = {
  better: ink.good,
  worse: ink.bad,
  equivalent: ink.others[0],
  'cannot tell': ink.halfway,
} as const;

/** The value of every run that counts: a dot for each, a thin line through those of a block, and the medians. */
export function valuesChart({ figure, arms }: FigureResult, runs: readonly ArmRun[]): string {
  const names = arms.map(({ arm }) => arm);
  const blocks = validBlocks(names, runs);
  const valueIn = (block: number, name: string) => {
    const value = runs.find((run) => run.block === block && run.arm === name)?.values[figure.name];
    return value === undefined || value === null ? null : figure.scale * value;
  };
  const lines = blocks.map((block) => ({
    type: 'line',
    symbol: 'circle',
    symbolSize: 7,
    lineStyle: { width: 1, color: ink.grid },
    itemStyle: { color: ink.others[0], opacity: 0.7 },
    data: names.map((name) => valueIn(block, name)),
  }));
  const medians = {
    type: 'line',
    symbol: 'rect',
    symbolSize: [44, 4],
    z: 5,
    lineStyle: { width: 0 },
    itemStyle: { color: ink.text },
    label: {
      show: true,
      position: 'right',
      distance: 8,
      color: ink.text,
      fontSize: 12,
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const spread = arms[dataIndex]?.spread ?? null;
        return spread === null ? '' : `${shown(figure, spread.median)} ${figure.unit}`;
      },
    },
    data: arms.map(({ spread }) => (spread === null ? null : figure.scale * spread.median)),
  };
  return svgOf(`${figure.name} of each arm in each block`, height, {
    grid,
    xAxis: {
      ...axis,
      type: 'category',
      data: names,
      axisLabel: { ...axis.axisLabel, interval: 0, fontSize: 12 },
    },
    yAxis: { ...axis, type: 'value', scale: true, name: figure.unit },
    series: [...lines, medians],
  });
}

/** The difference of each arm from the first one with its interval, and the margin shaded; `null` where arms are not compared. */
export function differencesChart({ figure, arms }: FigureResult): string | null {
  const compared = arms.flatMap(({ arm, against }) => (against === null ? [] : [{ arm, ...against }]));
  if (compared.length === 0) return null;
  const names = compared.map(({ arm }) => arm).reverse();
  const ends = compared
    .flatMap(({ shift }) => [shift.estimate, shift.least, shift.most])
    .filter(Number.isFinite);
  // infinite ends are drawn at the edge
  const furthest = 1.15 * figure.scale * Math.max(2 * figure.margin, ...ends.map(Math.abs));
  const within = (value: number) => Math.max(-furthest, Math.min(furthest, figure.scale * value));
  const margin = figure.scale * figure.margin;
  const bars = Object.entries(colours).map(([verdict, color], index) => ({
    type: 'custom',
    name: verdict,
    itemStyle: { color },
    encode: { x: [0, 1, 2], y: 3 },
    data: compared
      .filter(({ said }) => said.verdict === verdict)
      .map(({ arm, shift }) => [
        within(shift.least),
        within(shift.most),
        within(shift.estimate),
        names.indexOf(arm),
      ]),
    renderItem: (_: unknown, api: Plotted) => intervalOf(api, color),
    ...(index === 0
      ? {
          markArea: {
            silent: true,
            itemStyle: { color: ink.grid, opacity: 0.5 },
            label: { color: ink.quiet, fontSize: 11, position: 'insideTop' },
            data: [[{ name: 'margin', xAxis: -margin }, { xAxis: margin }]],
          },
          markLine: {
            silent: true,
            symbol: 'none',
            lineStyle: { color: ink.quiet, type: 'dashed', width: 1 },
            label: { show: false },
            data: [{ xAxis: 0 }],
          },
        }
      : {}),
  }));
  return svgOf(`Difference in ${figure.name} from ${arms[0]?.arm ?? ''}`, 84 + 44 * names.length, {
    grid: { ...grid, left: 150 },
    xAxis: {
      ...axis,
      type: 'value',
      min: -furthest,
      max: furthest,
      name: figure.unit,
      axisLabel: {
        ...axis.axisLabel,
        formatter: (value: number) => signed(figure, value / figure.scale),
        hideOverlap: true,
        showMinLabel: false,
        showMaxLabel: false,
      },
    },
    yAxis: { ...axis, type: 'category', data: names, axisLabel: { ...axis.axisLabel, fontSize: 12 } },
    series: bars,
  });
}

/** Pixels of an interval's bar, and of the dot for its estimate. */
const bar = 5;
const dot = 6;

/** What the library gives to draw a value with. */
interface Plotted {
  value(dimension: number): number;
  coord(point: readonly number[]): readonly number[];
}

function intervalOf(api: Plotted, fill: string) {
  const at = (dimension: number) => api.coord([api.value(dimension), api.value(3)]);
  const [x = 0, y = 0] = at(0);
  const [end = 0] = at(1);
  const [middle = 0] = at(2);
  return {
    type: 'group',
    children: [
      { type: 'rect', shape: { x, y: y - bar / 2, width: end - x, height: bar }, style: { fill } },
      { type: 'circle', shape: { cx: middle, cy: y, r: dot }, style: { fill } },
    ],
  };
}
