/** The few forms of PromQL that every query here has. */

/** Increase per second of the counters that match. */
export function rate(metric: string, matchers = ''): string {
  return `rate(${metric}${matchers === '' ? '' : `{${matchers}}`}[$__rate_interval])`;
}

/** A quantile of summed buckets, 0 to 1. */
export function quantile(share: number, buckets: string): string {
  return `histogram_quantile(${share}, ${buckets})`;
}
