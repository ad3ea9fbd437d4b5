/** The charts of a page. */
import type { Timeline } from '../answers.ts';
import { phaseNames } from '../definition.ts';
import type { BreakerChange, Phase } from '../facts.ts';
import type { Layer } from '../layers.ts';
import type { Report } from '../report.ts';
import { axis, ink, legend, svgOf } from './chart.ts';
import { accepted, type Step, sinceFault } from './over-time.ts';

/** Pixels of charts over time. */
const height = 250;

/** Room around the plot, pixels. */
const grid = { left: 58, right: 18, top: 34, bottom: 40 } as const;

/** From the first phase to the last, seconds after the fault began. */
function timeAxis(timeline: Timeline) {
  const step = niceStep((timeline.heal.to - timeline.steady.from) / 1000);
  return {
    ...axis,
    type: 'value',
    // whole steps, so that a mark stands where the fault begins
    min: step * Math.floor(sinceFault(timeline.steady.from, timeline) / step),
    max: step * Math.ceil(sinceFault(timeline.heal.to, timeline) / step),
    interval: step,
    name: 'seconds after the fault began',
    nameLocation: 'middle',
    nameGap: 26,
    splitLine: { show: false },
    axisLabel: {
      ...axis.axisLabel,
      formatter: (value: number) => String(Math.round(value)),
      hideOverlap: true,
    },
  };
}

/** Seconds between two marks of the time axis. */
function niceStep(seconds: number): number {
  return [1, 2, 5, 10, 20, 30, 60].find((step) => seconds / step <= 9) ?? 120;
}

/** The stretch of the fault, shaded. */
function faultShade(timeline: Timeline) {
  return {
    silent: true,
    itemStyle: { color: ink.fault },
    label: { color: ink.quiet, fontSize: 11, position: 'insideTop' },
    data: [[{ name: 'fault', xAxis: 0 }, { xAxis: sinceFault(timeline.fault.to, timeline) }]],
  };
}

const lineColours = { p50: ink.others[0], p99: ink.others[2] } as const;

/** Percentiles of the time to the answer, on a logarithmic scale: a fault makes ten or a hundred times of it. */
export function latencyChart(steps: readonly Step[], { timeline, deadline_ms: deadline }: Report): string {
  const lines = (['p50', 'p99'] as const).map((name, index) => ({
    type: 'line',
    name,
    showSymbol: false,
    lineStyle: { width: name === 'p50' ? 2 : 1.5, color: lineColours[name] },
    itemStyle: { color: lineColours[name] },
    data: steps.map((step) => [step.at, step[name] === null ? null : Math.max(1, step[name])]),
    ...(index === 0
      ? {
          markArea: faultShade(timeline),
          markLine: {
            silent: true,
            symbol: 'none',
            lineStyle: { color: ink.bad, type: 'dashed', width: 1 },
            label: { color: ink.bad, fontSize: 11, formatter: 'deadline', position: 'insideStartTop' },
            data: [{ yAxis: deadline }],
          },
        }
      : {}),
  }));
  const values = steps.flatMap(({ p50, p99 }) => [p50 ?? [], p99 ?? []].flat());
  return svgOf('Time to the answer of a request, by the second it was sent in', height, {
    grid,
    legend,
    xAxis: timeAxis(timeline),
    yAxis: {
      ...axis,
      type: 'log',
      min: 10 ** Math.floor(Math.log10(Math.max(1, Math.min(...values, 100)))),
      max: 10_000,
      axisLabel: {
        ...axis.axisLabel,
        formatter: (ms: number) => (ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`),
      },
    },
    series: lines,
  });
}

/** Requests per second, by what they came to. */
export function rateChart(steps: readonly Step[], { timeline }: Report): string {
  const codes = [...new Set(steps.flatMap(({ counts }) => Object.keys(counts)))].filter(
    (result) => result !== accepted,
  );
  const most = Math.max(
    1,
    ...steps.map(({ counts }) => Object.values(counts).reduce((sum, one) => sum + one, 0)),
  );
  const failed = [ink.bad, ...ink.others.slice(1)];
  const bars = [accepted, ...codes.sort()].map((result, index) => ({
    type: 'bar',
    name: result,
    stack: 'all',
    barWidth: '80%',
    itemStyle: { color: result === accepted ? ink.good : failed[(index - 1) % failed.length] },
    data: steps.map(({ at, counts }) => [at, counts[result] ?? 0]),
    ...(index === 0 ? { markArea: faultShade(timeline) } : {}),
  }));
  return svgOf('Requests per second, by what they came to', height, {
    grid,
    legend,
    xAxis: timeAxis(timeline),
    // room above the bars, or they would cover the shading of the fault
    yAxis: { ...axis, type: 'value', minInterval: 1, max: 5 * Math.ceil((1.2 * most) / 5) },
    series: bars,
  });
}

/** Attempts per call of each layer, phase by phase. */
export function attemptsChart({ phases }: Report): string {
  const layers = [
    ...new Set(phaseNames.flatMap((name) => usedLayers(phases[name]).map(({ layer }) => layer))),
  ];
  const most = Math.max(
    1,
    ...phaseNames.flatMap((name) =>
      phases[name].layers.flatMap(({ attempts_per_call: factor }) => factor ?? []),
    ),
  );
  const colours = { steady: ink.quiet, fault: ink.bad, heal: ink.good };
  const bars = phaseNames.map((name) => ({
    type: 'bar',
    name,
    itemStyle: { color: colours[name] },
    barMaxWidth: 26,
    label: {
      show: true,
      position: 'top',
      color: ink.text,
      fontSize: 11,
      formatter: ({ value }: { value: unknown }) => (typeof value === 'number' ? value.toFixed(2) : ''),
    },
    data: layers.map(
      (layer) => phases[name].layers.find((one) => one.layer === layer)?.attempts_per_call ?? null,
    ),
  }));
  return svgOf('Attempts per call of each layer, by phase', height, {
    grid: { ...grid, bottom: 28 },
    legend,
    xAxis: { ...axis, type: 'category', data: layers, axisLabel: { ...axis.axisLabel, interval: 0 } },
    // room for the numbers above the bars
    yAxis: { ...axis, type: 'value', min: 0, max: Math.ceil(1.2 * most) },
    series: bars,
  });
}

/** Layers in which a call was made. */
export function usedLayers({ layers }: Phase): readonly Layer[] {
  return layers.filter(({ attempts }) => attempts > 0);
}

/** States that a breaker can have, with their colours. */
const states = { closed: ink.good, half_open: ink.halfway, open: ink.bad } as const;

/** A stretch in one state, seconds after the fault began. */
interface Stretch {
  readonly breaker: string;
  readonly from: number;
  readonly to: number;
  readonly state: string;
}

/** The stretches of each breaker within the run. */
export function stretchesOf(changes: readonly BreakerChange[], timeline: Timeline): Stretch[] {
  const [first, last] = [timeline.steady.from, timeline.heal.to];
  return [...Map.groupBy(changes, ({ breaker }) => breaker)].flatMap(([breaker, of]) =>
    of.flatMap(({ t, state }, index) => {
      const from = Math.max(first, t);
      const to = Math.min(last, of[index + 1]?.t ?? last);
      if (to <= from) return [];
      return [{ breaker, state, from: sinceFault(from, timeline), to: sinceFault(to, timeline) }];
    }),
  );
}

/** State of each breaker over time; `null` when none was reported. */
export function breakerChart({ breakers, timeline }: Report): string | null {
  const stretches = stretchesOf(breakers, timeline);
  if (stretches.length === 0) return null;
  const names = [...new Set(stretches.map(({ breaker }) => breaker))].sort().reverse();
  const bars = Object.entries(states).map(([state, color], index) => ({
    type: 'custom',
    name: state,
    itemStyle: { color },
    encode: { x: [0, 1], y: 2 },
    data: stretches
      .filter((one) => one.state === state)
      .map(({ from, to, breaker }) => [from, to, names.indexOf(breaker)]),
    renderItem: (_: unknown, api: Plotted) => {
      const [x = 0, y = 0] = api.coord([api.value(0), api.value(2)]);
      const [end = 0] = api.coord([api.value(1), api.value(2)]);
      return {
        type: 'rect',
        shape: { x, y: y - band / 2, width: end - x, height: band },
        style: { fill: color },
      };
    },
    ...(index === 0 ? { markArea: { ...faultShade(timeline), label: { show: false } } } : {}),
  }));
  return svgOf('State of the breakers over time', grid.top + grid.bottom + names.length * 2 * band, {
    grid: { ...grid, left: 130 },
    legend: { ...legend, left: 130 },
    xAxis: timeAxis(timeline),
    yAxis: { ...axis, type: 'category', data: names },
    series: bars,
  });
}

/** Pixels of a breaker's band. */
const band = 16;

/** What the library gives to draw a value with. */
interface Plotted {
  value(dimension: number): number;
  coord(point: readonly number[]): readonly number[];
}
