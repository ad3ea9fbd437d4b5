/**
 * The fields of a call's policy that can be changed while the mesh runs: one row each. Types, validation, the options of
 * `./mesh policy set` and what `./mesh policy show` prints derive from here.
 */
import type { BreakerPolicy, CallPolicy } from './policies.ts';

/** Where a field stands in a policy. */
interface Place<Value> {
  /** The value in effect; `null` where the policy has none. */
  read(policy: CallPolicy): Value | null;
  /** The policy with another value there. Throws when it has no such part. */
  write(policy: CallPolicy, value: Value): CallPolicy;
}

interface Described {
  /** Option of `./mesh policy set`, without its dashes. */
  readonly flag: string;
  readonly description: string;
}

/** A number: `duration` is in milliseconds, `percent` and `count` have no unit. */
export interface NumberField extends Described, Place<number> {
  readonly kind: 'duration' | 'percent' | 'count';
  readonly least: number;
  readonly most: number;
}

/** A text; `most` characters. */
export interface TextField extends Described, Place<string> {
  readonly kind: 'text';
  readonly most: number;
}

type NumberKey<Part> = { [Key in keyof Part]: Part[Key] extends number ? Key : never }[keyof Part];

type Section = 'backOff' | 'retryBudget' | 'limits' | 'outlierDetection';

function own(key: 'tries' | 'timeoutMs' | 'perTryTimeoutMs'): Place<number> {
  return {
    read: (policy) => policy[key],
    write: (policy, value) => ({ ...policy, [key]: value }),
  };
}

function within<In extends Section>(section: In, key: NumberKey<CallPolicy[In]>): Place<number> {
  return {
    read: (policy) => Number(policy[section][key]),
    write: (policy, value) => ({ ...policy, [section]: { ...policy[section], [key]: value } }),
  };
}

function ofBreaker(key: keyof BreakerPolicy): Place<number> {
  return {
    read: ({ breaker }) => breaker?.[key] ?? null,
    write: (policy, value) => {
      if (policy.breaker === null) throw new Error('only calls between services have a breaker');
      return { ...policy, breaker: { ...policy.breaker, [key]: value } };
    },
  };
}

const ofRateLimit: Place<number> = {
  read: ({ rateLimit }) => rateLimit?.perSecond ?? null,
  write: (policy, perSecond) => {
    if (policy.rateLimit === null) throw new Error('only calls of the gateway have a limit on their rate');
    return { ...policy, rateLimit: { perSecond } };
  },
};

/** No limit of a call is longer than this, milliseconds: ten minutes. */
const longestMs = 600_000;

/** Largest count; a typing error is reported before Envoy meets it. */
const largest = 1_000_000;

type Row = readonly [place: Place<number>, flag: string, description: string];

function duration(...[place, flag, description]: Row): NumberField {
  return { kind: 'duration', least: 1, most: longestMs, ...place, flag, description };
}

function percent(...[place, flag, description]: Row): NumberField {
  return { kind: 'percent', least: 0, most: 100, ...place, flag, description };
}

function count(...[place, flag, description]: Row): NumberField {
  return { kind: 'count', least: 1, most: largest, ...place, flag, description };
}

const retryOn: TextField = {
  kind: 'text',
  most: 200,
  read: (policy) => policy.retryOn,
  write: (policy, value) => ({ ...policy, retryOn: value }),
  flag: 'retry-on',
  description: 'what is retried, as Envoy names it',
};

/** Every field, by the name the control API gives it, in the order in which people see them. */
export const policyFields = {
  tries: { ...count(own('tries'), 'tries', 'attempts of one call, the first included'), most: 10 },
  timeout_ms: duration(own('timeoutMs'), 'timeout', 'limit of the whole call'),
  per_try_timeout_ms: duration(own('perTryTimeoutMs'), 'per-try-timeout', 'limit of one attempt'),
  retry_on: retryOn,
  back_off_base_ms: duration(within('backOff', 'baseMs'), 'back-off-base', 'first back-off, jittered'),
  back_off_max_ms: duration(within('backOff', 'maxMs'), 'back-off-max', 'longest back-off'),
  retry_budget_percent: percent(
    within('retryBudget', 'percent'),
    'retry-budget',
    'percent of active requests that may be retries',
  ),
  min_retry_concurrency: {
    ...count(
      within('retryBudget', 'minRetryConcurrency'),
      'min-retries',
      'retries that may be under way whatever the budget says',
    ),
    least: 0,
  },
  max_connections: count(within('limits', 'maxConnections'), 'max-connections', 'connections to the callee'),
  max_streams: count(
    within('limits', 'maxStreams'),
    'max-streams',
    'requests under way on one of these connections',
  ),
  max_pending_requests: count(
    within('limits', 'maxPendingRequests'),
    'max-pending',
    'requests that wait for a connection',
  ),
  max_requests: count(within('limits', 'maxRequests'), 'max-requests', 'requests under way'),
  consecutive_5xx: {
    ...count(
      within('outlierDetection', 'consecutive5xx'),
      'consecutive-5xx',
      'failures after which a replica is left out (two or more replicas)',
    ),
    most: 1000,
  },
  ejection_ms: duration(within('outlierDetection', 'ejectionMs'), 'ejection', 'how long it is left out'),
  max_ejection_percent: percent(
    within('outlierDetection', 'maxEjectionPercent'),
    'max-ejected',
    'percent of the replicas that may be left out at once; 0 switches it off',
  ),
  rate_limit_per_s: count(
    ofRateLimit,
    'rate-limit',
    'requests per second and route that the gateway lets through to the service; further ones are answered 429',
  ),
  breaker_timeout_ms: duration(
    ofBreaker('timeoutMs'),
    'breaker-timeout',
    'limit of the whole call in the app',
  ),
  breaker_volume: count(
    ofBreaker('volumeThreshold'),
    'breaker-volume',
    'calls in the window below which the breaker never opens',
  ),
  breaker_error_percent: percent(
    ofBreaker('errorThresholdPercentage'),
    'breaker-errors',
    'percent of calls in the window; when more of them fail, it opens',
  ),
  breaker_window_ms: duration(ofBreaker('rollingCountTimeoutMs'), 'breaker-window', 'how far it looks back'),
  breaker_reset_ms: duration(
    ofBreaker('resetTimeoutMs'),
    'breaker-reset',
    'how long it is open before one call is let through',
  ),
  breaker_capacity: count(
    ofBreaker('capacity'),
    'breaker-capacity',
    'calls under way; further ones are refused',
  ),
  app_attempts: {
    ...count(
      ofBreaker('attempts'),
      'app-attempts',
      'attempts of one call by the app itself; only a comparison has more than 1',
    ),
    most: 10,
  },
} as const satisfies Readonly<Record<string, NumberField | TextField>>;

/** Name of a field in the control API. */
export type PolicyFieldName = keyof typeof policyFields;

/** New values of some fields; the others stay. */
export type PolicyChange = {
  readonly [Name in PolicyFieldName]?: (typeof policyFields)[Name] extends TextField ? string : number;
};

/** Values of some fields as a file of policies holds them: `null` where the policy has none. */
export type PolicyValues = {
  readonly [Name in PolicyFieldName]?: PolicyChange[Name] | null;
};

/** A field with its name. */
export type NamedPolicyField = (NumberField | TextField) & { readonly name: string };

/** Every field with its name, in the order in which people see them. */
export const policyFieldList: readonly NamedPolicyField[] = Object.entries(policyFields).map(
  ([name, field]) => ({ name, ...field }),
);

/** The policy with those fields changed; whatever else it holds stays. Throws when it has no breaker and one is changed. */
export function changedPolicy(policy: CallPolicy, change: PolicyChange): CallPolicy {
  const values = new Map<string, string | number | undefined>(Object.entries(change));
  return policyFieldList.reduce((changed, field) => {
    const value = values.get(field.name);
    try {
      if (field.kind === 'text') return typeof value === 'string' ? field.write(changed, value) : changed;
      return typeof value === 'number' ? field.write(changed, value) : changed;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${field.name} cannot be changed: ${reason}`, { cause: error });
    }
  }, policy);
}

/** The value in effect of every field, by name; `null` where the policy has none. */
export function policyValues(policy: CallPolicy): Readonly<Record<string, number | string | null>> {
  return Object.fromEntries(policyFieldList.map(({ name, read }) => [name, read(policy)]));
}

/** The fields that the policy can have: those of a breaker only where it has one. */
export function possibleFields(policy: CallPolicy): readonly NamedPolicyField[] {
  return policyFieldList.filter((field) => {
    try {
      return field.kind === 'text' ? field.write(policy, '') : field.write(policy, field.least);
    } catch {
      return false;
    }
  });
}
