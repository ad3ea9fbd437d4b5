/** What can be changed of an edge's policy while the mesh runs. */
import type { BreakerPolicy, CallPolicy } from './policies.ts';

/** New values of some fields; the others stay. */
export interface PolicyChange {
  readonly tries?: number;
  readonly timeout_ms?: number;
  readonly per_try_timeout_ms?: number;
  readonly retry_on?: string;
  readonly back_off_base_ms?: number;
  readonly back_off_max_ms?: number;
  readonly retry_budget_percent?: number;
  readonly min_retry_concurrency?: number;
  readonly max_connections?: number;
  readonly max_pending_requests?: number;
  readonly max_requests?: number;
  readonly consecutive_5xx?: number;
  readonly ejection_ms?: number;
  readonly breaker_timeout_ms?: number;
  readonly breaker_volume?: number;
  readonly breaker_error_percent?: number;
  readonly breaker_window_ms?: number;
  readonly breaker_reset_ms?: number;
  readonly breaker_capacity?: number;
}

/** The policy with those fields changed; whatever else it holds stays. Throws when it has no breaker and one is changed. */
export function changedPolicy(policy: CallPolicy, change: PolicyChange): CallPolicy {
  const { backOff, retryBudget, limits, outlierDetection } = policy;
  return {
    ...policy,
    perTryTimeoutMs: change.per_try_timeout_ms ?? policy.perTryTimeoutMs,
    tries: change.tries ?? policy.tries,
    retryOn: change.retry_on ?? policy.retryOn,
    timeoutMs: change.timeout_ms ?? policy.timeoutMs,
    backOff: {
      baseMs: change.back_off_base_ms ?? backOff.baseMs,
      maxMs: change.back_off_max_ms ?? backOff.maxMs,
    },
    retryBudget: {
      percent: change.retry_budget_percent ?? retryBudget.percent,
      minRetryConcurrency: change.min_retry_concurrency ?? retryBudget.minRetryConcurrency,
    },
    limits: {
      maxConnections: change.max_connections ?? limits.maxConnections,
      maxPendingRequests: change.max_pending_requests ?? limits.maxPendingRequests,
      maxRequests: change.max_requests ?? limits.maxRequests,
    },
    outlierDetection: {
      ...outlierDetection,
      consecutive5xx: change.consecutive_5xx ?? outlierDetection.consecutive5xx,
      ejectionMs: change.ejection_ms ?? outlierDetection.ejectionMs,
    },
    breaker: changedBreaker(policy.breaker, change),
  };
}

function changedBreaker(breaker: BreakerPolicy | null, change: PolicyChange): BreakerPolicy | null {
  if (breaker === null) {
    const [field] = Object.keys(change).filter((name) => name.startsWith('breaker_'));
    if (field === undefined) return null;
    throw new Error(`${field} cannot be changed: only calls between services have a breaker`);
  }
  return {
    timeoutMs: change.breaker_timeout_ms ?? breaker.timeoutMs,
    errorThresholdPercentage: change.breaker_error_percent ?? breaker.errorThresholdPercentage,
    volumeThreshold: change.breaker_volume ?? breaker.volumeThreshold,
    rollingCountTimeoutMs: change.breaker_window_ms ?? breaker.rollingCountTimeoutMs,
    resetTimeoutMs: change.breaker_reset_ms ?? breaker.resetTimeoutMs,
    capacity: change.breaker_capacity ?? breaker.capacity,
  };
}

/** Every field of a policy that can be changed, with its present value. */
export function policyFields(policy: CallPolicy): Required<{
  [Field in keyof PolicyChange]: PolicyChange[Field] | null;
}> {
  return {
    tries: policy.tries,
    timeout_ms: policy.timeoutMs,
    per_try_timeout_ms: policy.perTryTimeoutMs,
    retry_on: policy.retryOn,
    back_off_base_ms: policy.backOff.baseMs,
    back_off_max_ms: policy.backOff.maxMs,
    retry_budget_percent: policy.retryBudget.percent,
    min_retry_concurrency: policy.retryBudget.minRetryConcurrency,
    max_connections: policy.limits.maxConnections,
    max_pending_requests: policy.limits.maxPendingRequests,
    max_requests: policy.limits.maxRequests,
    consecutive_5xx: policy.outlierDetection.consecutive5xx,
    ejection_ms: policy.outlierDetection.ejectionMs,
    breaker_timeout_ms: policy.breaker?.timeoutMs ?? null,
    breaker_volume: policy.breaker?.volumeThreshold ?? null,
    breaker_error_percent: policy.breaker?.errorThresholdPercentage ?? null,
    breaker_window_ms: policy.breaker?.rollingCountTimeoutMs ?? null,
    breaker_reset_ms: policy.breaker?.resetTimeoutMs ?? null,
    breaker_capacity: policy.breaker?.capacity ?? null,
  };
}
