/** What several values come to: the middle one, and how far they lie apart. */

/** A median with the smallest and the largest. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Median, least and most. Throws without any value. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const [least] = sorted;
  const most = sorted.at(-1);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  if (least === undefined || most === undefined) throw new Error('There is no median of nothing');
  return { median: middle.reduce((sum, one) => sum + one, 0) / middle.length, least, most };
}
