/** What several values come to: the middle one, and how far they lie apart. */

/** A median with the smallest and the largest. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The value below which that share of the values lies (nearest rank). Throws without any value. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('There is no quantile of nothing');
  return value;
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
