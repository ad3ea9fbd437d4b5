/**
 * Comparisons that have a name. What their arms need is a policy; where it is one that does not fit with the others, which the
 * control service refuses, it allows it for the time of the comparison.
 */
import type { WantedPolicy } from '@microshop/control/changes/schemas';
import type { PolicyValues } from '@microshop/topology';
import type { Arm } from './arms.ts';
import type { PrimaryName } from './figures.ts';

/** A comparison with everything but its length. */
export interface Named {
  readonly name: string;
  /** What it asks, a sentence. */
  readonly says: string;
  /** As after `--fault`. */
  readonly fault: string;
  readonly primary: PrimaryName;
  /** Buyers per second, where the usual number shows nothing. */
  readonly rate?: number;
  /** Whether the policies of an arm need not fit together. */
  readonly unchecked?: true;
  /** Against the first one. */
  readonly arms: readonly Arm[];
}

/** So many calls never come together in a window, so a breaker stays closed; and no retry is above such a floor. */
const never = 1_000_000;

/** Policy of the calls from orders to products, with the breaker that never opens. */
function toProducts(policy: PolicyValues): WantedPolicy[] {
  return [{ caller: 'orders', callee: 'products', policy: { breaker_volume: never, ...policy } }];
}

/** Attempts of a layer that retries, the first included. */
const tries = 3;

const unlimited: PolicyValues = { retry_budget_percent: 100, min_retry_concurrency: never };
const single: PolicyValues = { tries: 1 };

/**
 * Who retries: nobody, the app, the sidecar, both, or the sidecar within a tight budget. A budget is a share of what is under
 * way, so it bounds only where much is: 150 calls per second.
 */
const retries: Named = {
  name: 'retries',
  says: 'How many attempts does a service that is down get, by who retries?',
  fault: 'products abort 503 100%',
  primary: 'amplification',
  rate: 150,
  unchecked: true,
  arms: [
    { name: 'none', policies: toProducts({ ...single, ...unlimited }), repeats: 0 },
    { name: 'app only', policies: toProducts({ ...single, app_attempts: tries, ...unlimited }), repeats: 0 },
    { name: 'sidecar only', policies: toProducts({ tries, ...unlimited }), repeats: 0 },
    { name: 'both layers', policies: toProducts({ tries, app_attempts: tries, ...unlimited }), repeats: 0 },
    {
      name: 'tight budget',
      policies: toProducts({ tries, retry_budget_percent: 20, min_retry_concurrency: 1 }),
      repeats: 0,
    },
  ],
};

/** Longest limits that there are, milliseconds: beyond the deadline of every order. */
const farTooLong = 60_000;

/**
 * How the limits of an attempt, of the call and of the breaker stand to each other, while three calls in ten hang. Nested, an
 * attempt that hangs leaves time for another; in the other arms it does not.
 */
const timeouts: Named = {
  name: 'timeouts',
  says: 'What becomes of calls that hang, by which limit ends first?',
  fault: 'products delay 7s 30%',
  primary: 'success',
  unchecked: true,
  arms: [
    { name: 'nested', policies: toProducts({}), repeats: 0 },
    {
      name: 'inverted',
      policies: toProducts({ per_try_timeout_ms: 3000, timeout_ms: 2000, breaker_timeout_ms: 1000 }),
      repeats: 0,
    },
    { name: 'attempt as long as the call', policies: toProducts({ per_try_timeout_ms: 3000 }), repeats: 0 },
    {
      name: 'far too long',
      policies: toProducts({
        per_try_timeout_ms: farTooLong,
        timeout_ms: farTooLong,
        breaker_timeout_ms: farTooLong,
      }),
      repeats: 0,
    },
  ],
};

/** When a breaker opens. */
const breakers: Named = {
  name: 'breakers',
  says: 'When should a breaker open while a service fails three calls in ten?',
  fault: 'products abort 503 30%',
  primary: 'success',
  arms: [
    { name: 'never', policies: toProducts({}), repeats: 0 },
    {
      name: '50 % of 20',
      policies: toProducts({ breaker_volume: 20, breaker_error_percent: 50 }),
      repeats: 0,
    },
    {
      name: '10 % of 5',
      policies: toProducts({ breaker_volume: 5, breaker_error_percent: 10 }),
      repeats: 0,
    },
    {
      name: '90 % of 200',
      policies: toProducts({ breaker_volume: 200, breaker_error_percent: 90 }),
      repeats: 0,
    },
  ],
};

/** Every one of them. */
export const namedComparisons: readonly Named[] = [retries, timeouts, breakers];
