/** Where a value turns from good to bad. */
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { edgePolicy, requestDeadlineMs } from '@microshop/topology';

/**
 * Limits in the unit of the panel. Much is bad when `bad` is the larger one, little when it is the smaller one. Without
 * `warn` there is nothing between good and bad, and much is bad.
 */
export interface Limits {
  readonly warn?: number;
  readonly bad: number;
}

/** An answer that needed a second attempt is slow; after the deadline it is refused. Seconds. */
export const answerLimits: Limits = {
  warn: edgePolicy.perTryTimeoutMs / 1000,
  bad: requestDeadlineMs / 1000,
};

/** {@link answerLimits} in milliseconds. */
export const answerLimitsMs: Limits = { warn: edgePolicy.perTryTimeoutMs, bad: requestDeadlineMs };

/** Shares of failures: one in a thousand is worth checking, one in a hundred fails a load test. */
export const failureLimits: Limits = { warn: 0.001, bad: 0.01 };

/** Steps for Grafana. */
export function thresholds({ warn, bad }: Limits): ThresholdsConfigBuilder {
  const mode = new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute);
  if (warn === undefined) {
    return mode.steps([
      { value: null, color: 'green' },
      { value: bad, color: 'red' },
    ]);
  }
  return mode.steps(
    bad < warn
      ? [
          { value: null, color: 'red' },
          { value: bad, color: 'yellow' },
          { value: warn, color: 'green' },
        ]
      : [
          { value: null, color: 'green' },
          { value: warn, color: 'yellow' },
          { value: bad, color: 'red' },
        ],
  );
}
