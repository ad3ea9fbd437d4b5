/** Limits on the time an order takes to be answered; P95_MS and P99_MS override them. */
import { perTryTimeoutMs, requestDeadlineMs } from './contract.ts';

/**
 * 95 of 100 orders are answered within the limit of one attempt between services: they needed no second one. 99 of 100
 * within the deadline and a tenth (invariant I5).
 */
export const defaultLatencyLimits = {
  p95Ms: perTryTimeoutMs,
  p99Ms: Math.round(requestDeadlineMs * 1.1),
} as const;
