/**
 * Comparisons that have a name. What their arms need must be a policy that the control service accepts: retries in the app,
 * limits that do not nest, and no breaker at all are not.
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
 * Who retries: nobody, the client, the sidecar, both, or the sidecar within a tight budget. The client is the outer layer:
 * apps have no retries that could be switched on.
 */
const retries: Named = {
  name: 'retries',
  says: 'How many attempts does a service that is down get, by who retries?',
  fault: 'products abort 503 100%',
  primary: 'amplification',
  arms: [
    { name: 'none', policies: toProducts({ ...single, ...unlimited }), repeats: 0 },
    { name: 'client only', policies: toProducts({ ...single, ...unlimited }), repeats: tries - 1 },
    { name: 'sidecar only', policies: toProducts({ tries, ...unlimited }), repeats: 0 },
    { name: 'both layers', policies: toProducts({ tries, ...unlimited }), repeats: tries - 1 },
    {
      name: 'tight budget',
      policies: toProducts({ tries, retry_budget_percent: 20, min_retry_concurrency: 1 }),
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
export const namedComparisons: readonly Named[] = [retries, breakers];
