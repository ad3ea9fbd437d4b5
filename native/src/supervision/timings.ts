/** Times the runner works by. */

/** Milliseconds, all of them. */
export interface Timings {
  /** Between two health checks of a part that starts. */
  readonly healthEveryMs: number;
  /** Limit of one health check. */
  readonly healthLimitMs: number;
  /** Time from the start of its process within which a part must be healthy. */
  readonly startLimitMs: number;
  /** Back-off after the first death; doubled with each further one. */
  readonly backOffFirstMs: number;
  readonly backOffLongestMs: number;
  /** Healthy for so long, a part starts again with the first back-off. */
  readonly backOffResetMs: number;
}

/**
 * Times of a real mesh. RabbitMQ takes 4 to 15 s to start on an idle machine; the limit leaves room for a busy one.
 */
export const meshTimings: Timings = {
  healthEveryMs: 100,
  healthLimitMs: 2000,
  startLimitMs: 120_000,
  backOffFirstMs: 500,
  backOffLongestMs: 10_000,
  backOffResetMs: 30_000,
};
