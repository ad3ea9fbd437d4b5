/**
 * How the caller's Envoy sends the calls of one edge: GET under the whole policy, other methods with retries only of what
 * no service has seen. Here it is in numbers, for meshes that write such routes in words of their own.
 */
import { type CallEdge, type CallPolicy, unseenConditions } from '@microshop/topology';

/** Retries of a route. */
export interface RouteRetries {
  /** Beyond the first attempt. */
  readonly attempts: number;
  /** Limit of each attempt, milliseconds; `null`: that of the call. */
  readonly perTryTimeoutMs: number | null;
  /** Conditions, as Envoy names them; at least one. */
  readonly retryOn: readonly string[];
  readonly backOffMs: number;
}

/** One route. */
export interface CallRoute {
  /** Limit of the whole call, milliseconds. */
  readonly timeoutMs: number;
  /** `null`: none. */
  readonly retries: RouteRetries | null;
}

/** The conditions of a policy's retries, as Envoy names them, each once. */
export function conditionsOf({ retryOn }: Pick<CallPolicy, 'retryOn'>): string[] {
  return [...new Set(retryOn.split(','))];
}

/**
 * A route under that policy. Where nothing is retried the limit of the one attempt is that of the call: meshes have no
 * other place for it.
 */
function routeOf(policy: CallPolicy, retryOn: readonly string[], perTryTimeoutMs: number | null): CallRoute {
  const { tries, timeoutMs, backOff } = policy;
  if (tries === 1 || retryOn.length === 0) {
    return { timeoutMs: Math.min(timeoutMs, perTryTimeoutMs ?? timeoutMs), retries: null };
  }
  return { timeoutMs, retries: { attempts: tries - 1, perTryTimeoutMs, retryOn, backOffMs: backOff.baseMs } };
}

/** The route for GET; at the gateway, whose retries are safe for any method, the route for every call. */
export function mainRoute(policy: CallPolicy): CallRoute {
  return routeOf(policy, conditionsOf(policy), policy.perTryTimeoutMs);
}

/** The route for other methods of a call between services. */
export function otherRoute(policy: CallPolicy): CallRoute {
  const unseen = conditionsOf(policy).filter((name) => unseenConditions.some((known) => known === name));
  return routeOf(policy, unseen, null);
}

/** Whether GET has a route of its own. */
export function hasTwoRoutes({ caller }: CallEdge): boolean {
  return caller !== 'gateway';
}
