/** Traces among the values of a panel, as dots on its picture. */
import type { Plot } from '@microshop/grafana/render/chart';
import type { FilledPanel } from '@microshop/grafana/render/dashboard';

type Exemplar = NonNullable<FilledPanel['exemplars']>[number];

/** A dot: its middle in pixels of the picture, and the trace it leads to. */
export interface Dot extends Exemplar {
  readonly left: number;
  readonly top: number;
}

/**
 * The dots of these traces in a plot; `pixelOf` says where a time and a value of its axes are. The axis fits the lines: a trace
 * that is above all of them is shown at the upper edge. One of another time is not shown.
 */
export function dotsOf(
  exemplars: readonly Exemplar[],
  { box, unit }: Pick<Plot, 'box' | 'unit'>,
  pixelOf: (point: readonly [atMs: number, value: number]) => readonly number[],
): Dot[] {
  return exemplars.flatMap((exemplar) => {
    const [left = Number.NaN, top = Number.NaN] = pixelOf([exemplar.atMs, exemplar.value / unit]);
    const isInside = left >= box.x && left <= box.x + box.width && top <= box.y + box.height;
    return isInside ? [{ ...exemplar, left, top: Math.max(top, box.y) }] : [];
  });
}
