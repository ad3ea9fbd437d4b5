/** The few forms of PromQL that every query here has. */

/** The series of a metric that match. */
export function series(metric: string, matchers = ''): string {
  return `${metric}${matchers === '' ? '' : `{${matchers}}`}`;
}

/** Increase per second of the counters that match. */
export function rate(metric: string, matchers = ''): string {
  return `rate(${series(metric, matchers)}[$__rate_interval])`;
}

/** A quantile of summed buckets, 0 to 1. */
export function quantile(share: number, buckets: string): string {
  return `histogram_quantile(${share}, ${buckets})`;
}

/** Part ÷ whole, 0 to 1; 0 where there is a whole and no part, since the series of a failure begins with the first one. */
export function share(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / ${whole}`;
}

/** The value of a variable that stands for all of them; it also matches series that come later. */
export const allValues = '.*';
