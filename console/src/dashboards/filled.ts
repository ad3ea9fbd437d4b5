/** A dashboard's data as the renderer of the pictures takes it. */
import type { DashboardData } from '@microshop/control/console/dashboard-schemas';
import type { FilledPanel } from '@microshop/grafana/render/dashboard';
import type { Point, Scene } from '@microshop/grafana/render/series';

/** Panels with a point for each value, and the time they show. */
export function filledOf({ range, events, panels }: DashboardData): {
  readonly panels: readonly FilledPanel[];
  readonly scene: Scene;
} {
  const { startMs, stepMs } = range;
  return {
    scene: { range, events },
    panels: panels.map(({ panel, series, traces }) => ({
      panel,
      exemplars: traces,
      series: series.map(({ name, values }) => ({
        name,
        points: values.map((value, index): Point => [startMs + index * stepMs, value]),
      })),
    })),
  };
}

/** What a person can choose to see, minutes. */
export const spans = [5, 15, 30, 60, 180, 360] as const;

/** Half of what is shown earlier or later; where that would be the future, now, which has no time of its own. */
export function moved(
  endMs: number,
  minutes: number,
  way: 'earlier' | 'later',
  nowMs: number,
): number | undefined {
  const half = minutes * 30_000;
  const end = way === 'earlier' ? endMs - half : endMs + half;
  return end >= nowMs ? undefined : end;
}

/** The choices, `service:orders,caller:gateway`, with that of one variable changed; `null` takes it back. */
export function chosenWith(
  choose: string | undefined,
  name: string,
  value: string | null,
): string | undefined {
  const others = (choose ?? '').split(',').filter((one) => one !== '' && !one.startsWith(`${name}:`));
  const all = value === null ? others : [...others, `${name}:${value}`];
  return all.length === 0 ? undefined : all.join(',');
}
