/** The time axis of a waterfall: proportional, but long stretches in which nobody works are cut short. */

/** A stretch of time, microseconds. */
export interface Interval {
  readonly startUs: number;
  readonly endUs: number;
}

/** A time axis of a fixed width. */
export interface Axis {
  /** Column of a time, 0 to the width; not rounded. */
  column(us: number): number;
  /** Stretches that were cut short, by their columns and true length. */
  readonly breaks: readonly {
    readonly fromColumn: number;
    readonly toColumn: number;
    readonly lengthUs: number;
  }[];
}

/** A pause longer than this part of all work is cut: beyond it the work itself could no longer be seen. */
const longestPause = 0.5;

/** Columns of a pause that is cut. */
const breakColumns = 2;

/** An axis on which the work of `busy` fills `width` columns. */
export function timeAxis(busy: readonly Interval[], width: number): Axis {
  const stretches = merged(busy);
  const first = stretches[0]?.startUs ?? 0;
  const workUs = stretches.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  const limitUs = Math.max(1, workUs * longestPause);

  // pieces of the axis: the time where each begins, and how wide it is
  const pauses = stretches.flatMap((next, index) => {
    const before = stretches[index - 1];
    return before === undefined ? [] : [{ startUs: before.endUs, endUs: next.startUs }];
  });
  const cut = pauses.filter(({ startUs, endUs }) => endUs - startUs > limitUs);
  const last = stretches.at(-1)?.endUs ?? 1;
  const cutUs = cut.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  const scale = Math.max(0, width - cut.length * breakColumns) / Math.max(1, last - first - cutUs);

  const column = (us: number): number => {
    let at = Math.max(first, Math.min(us, last));
    let columns = 0;
    for (const { startUs, endUs } of cut) {
      if (us <= startUs) break;
      const inside = Math.min(us, endUs) - startUs;
      at -= inside;
      columns += (inside / (endUs - startUs)) * breakColumns;
    }
    return (at - first) * scale + columns;
  };
  return {
    column,
    breaks: cut.map(({ startUs, endUs }) => ({
      fromColumn: column(startUs),
      toColumn: column(endUs),
      lengthUs: endUs - startUs,
    })),
  };
}

/** Intervals that touch or overlap as one, in order. */
function merged(intervals: readonly Interval[]): readonly Interval[] {
  const inOrder = [...intervals].sort((one, other) => one.startUs - other.startUs);
  const stretches: { startUs: number; endUs: number }[] = [];
  for (const { startUs, endUs } of inOrder) {
    const current = stretches.at(-1);
    if (current !== undefined && startUs <= current.endUs) current.endUs = Math.max(current.endUs, endUs);
    else stretches.push({ startUs, endUs });
  }
  return stretches;
}
