/**
 * Comparisons that have a name. What their arms need is a policy; where it is one that does not fit with the others, which the
 * control service refuses, it allows it for the time of the comparison.
 */
import type { WantedPolicy } from '@microshop/control/changes/schemas';
import type { PolicyValues, Replicas, ServiceName } from '@microshop/topology';
import type { CallsFault, Fault } from '../experiment/definition.ts';
import type { Arm } from './arms.ts';
import { faultOf } from './fault-words.ts';
import type { PrimaryName } from './figures.ts';

/** A comparison with everything but its blocks. */
export interface Named {
  readonly name: string;
  /** What it asks, a sentence. */
  readonly says: string;
  readonly fault: Fault;
  /** The service whose calls are counted, where it is not that of the fault. */
  readonly service?: ServiceName;
  /** What holds before, during and after the fault. */
  readonly throughout?: CallsFault;
  /** Replicas that it needs, where one is not enough. */
  readonly replicas?: Replicas;
  readonly primary: PrimaryName;
  /** Buyers per second, where the usual number shows nothing. */
  readonly rate?: number;
  /** Length of the fault, seconds, where the usual one shows nothing. */
  readonly lengthSeconds?: number;
  /** Length of the phase after it, seconds, where the usual one is longer than the arms need to recover. */
  readonly healSeconds?: number;
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

/**
 * Seconds after the fault where no breaker has to close again: no arm of `retries` failed a request later than its end, none of
 * `shedding` later than 1.1 s (eight blocks each). It keeps both below twelve minutes.
 */
const shortHeal = 4;

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
  fault: faultOf('products abort 503 100%'),
  primary: 'amplification',
  rate: 150,
  healSeconds: shortHeal,
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
  fault: faultOf('products delay 7s 30%'),
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

/**
 * When a breaker opens. It stands above the attempts of the sidecar, so it sees a call fail only when three attempts have: of
 * 60 % that is one call in five, of 30 % one in 37, of which no breaker here takes notice.
 */
const breakers: Named = {
  name: 'breakers',
  says: 'When should a breaker open while one call in five fails after all its attempts?',
  fault: faultOf('products abort 503 60%'),
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

/** Calls that are under way at products at once, each of half a second: 20 per second, whatever the CPU could do. */
const places = 10;

/** Calls that wait for a place, while they can still be answered: an attempt may take 0.9 s, half a second of it its work. */
const waiting = 6;

/** Below the capacity: what is let in is served. */
const letIn = 18;

/** Policy of the calls to products of which few have a place at once, with that for who sheds. */
function fewPlaces(policy: PolicyValues): WantedPolicy[] {
  return toProducts({ max_connections: 1, max_streams: places, ...policy });
}

/** What the gateway lets through to orders. */
function intoOrders(policy: PolicyValues): WantedPolicy[] {
  return [{ caller: 'gateway', callee: 'orders', policy }];
}

const shedding: PolicyValues = { breaker_capacity: places + waiting };
const patient: PolicyValues = { breaker_capacity: never };

/**
 * Who refuses what is too much, when twice as many buyers come as products can serve: nobody, so that calls wait in the sidecar
 * until they are given up half-way; the gateway, which knows a rate; orders itself, which knows how many of its calls are under
 * way; or both.
 */
const sheddings: Named = {
  name: 'shedding',
  says: 'Who should refuse what is too much?',
  fault: { kind: 'surge', load: { rate: 24 } },
  throughout: { kind: 'calls', service: 'products', delay_ms: 500, from: 'orders' },
  service: 'products',
  primary: 'success',
  // 0.8 of the capacity
  rate: 16,
  // requests of the surge's last 4 s are not judged: not all of them are answered before it ends
  lengthSeconds: 10,
  healSeconds: shortHeal,
  arms: [
    { name: 'none', policies: fewPlaces(patient), repeats: 0 },
    {
      name: 'gateway',
      policies: [...fewPlaces(patient), ...intoOrders({ rate_limit_per_s: letIn })],
      repeats: 0,
    },
    { name: 'service', policies: fewPlaces(shedding), repeats: 0 },
    {
      name: 'both',
      policies: [...fewPlaces(shedding), ...intoOrders({ rate_limit_per_s: letIn })],
      repeats: 0,
    },
  ],
};

/**
 * When a replica that fails every call, and says that it is well, is left out. One attempt per call: retries would hide nearly
 * all of it. Half of three replicas is one.
 */
const outlier: Named = {
  name: 'outlier',
  says: 'When should a replica be left out while one of three fails every call?',
  fault: faultOf('products abort 503 from orders replica 2'),
  replicas: { products: 3 },
  primary: 'success',
  arms: [
    { name: 'off', policies: toProducts({ ...single, max_ejection_percent: 0 }), repeats: 0 },
    { name: '5 in a row', policies: toProducts({ ...single, consecutive_5xx: 5 }), repeats: 0 },
    {
      name: '1 in a row, half of them',
      policies: toProducts({ ...single, consecutive_5xx: 1, max_ejection_percent: 50 }),
      repeats: 0,
    },
  ],
};

/** Every one of them. */
export const namedComparisons: readonly Named[] = [retries, timeouts, breakers, sheddings, outlier];
