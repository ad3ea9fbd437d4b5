/** Pairs runs with and without a part of telemetry: what neighbours on the machine do falls on both alike. */

/** What one run measured. */
export interface Measured {
  /** Orders that ended, per second. */
  readonly ordersPerSecond: number;
  /** CPU time of the services per order, milliseconds. */
  readonly cpuMsPerOrder: number;
}

/** One run with everything on, one with a part off, next to each other in time. */
export interface Pair {
  readonly on: Measured;
  readonly off: Measured;
}

/** What the pairs say; medians, as one disturbed run must not decide. */
export interface Comparison {
  readonly pairs: number;
  /** Orders per second, on ÷ off: 0.8 is a fifth fewer orders with it on. */
  readonly throughput: Spread;
  /** CPU per order, off ÷ on: the same scale, and little touched by what else runs. */
  readonly cpu: Spread;
}

/** A median with the smallest and the largest. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The median of the ratios of each pair. Throws without any pair. */
export function compare(pairs: readonly Pair[]): Comparison {
  return {
    pairs: pairs.length,
    throughput: spread(pairs.map(({ on, off }) => on.ordersPerSecond / off.ordersPerSecond)),
    cpu: spread(pairs.map(({ on, off }) => off.cpuMsPerOrder / on.cpuMsPerOrder)),
  };
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
