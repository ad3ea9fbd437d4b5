/**
 * Makes one policy of a call of the routes that somebody has for it: the fields that it takes over, and what it then does not do
 * as theirs do, which is named.
 */
import {
  type CallEdge,
  type CallPolicy,
  edgeNamed,
  possibleFields,
  unseenConditions,
} from '@microshop/topology';
import { hasTwoRoutes, mainRoute, otherRoute } from './call-routes.ts';
import type { Fields } from './fields.ts';
import type { GivenValues } from './given-values.ts';
import { mostOf } from './policy-field.ts';
import { doesTheSame, type RouteValues, type TheirRoute } from './virtual-service.ts';

/** Istio's first back-off where a file does not say one, milliseconds. */
const usualBackOffMs = 25;

/**
 * Place of a VirtualService among several with routes for that call, the first counts: at the gateway one of gateways comes before
 * one of sidecars, which only stands in for it. `undefined`: it has none.
 */
export function rankOfRoutes(edge: CallEdge, routes: readonly TheirRoute[]): number | undefined {
  const own = routes.filter((route) => route.takes(edge, 'GET') || route.takes(edge, 'POST'));
  if (own.length === 0) return undefined;
  return edge.caller === 'gateway' && !own.some(({ byGateways }) => byGateways) ? 1 : 0;
}

/** The fields of the call's policy; `undefined` when none of the routes is about it. `before` is what is in effect. */
export function valuesOfRoutes(
  edge: CallEdge,
  routes: readonly TheirRoute[],
  before: CallPolicy,
): GivenValues | undefined {
  const others = routeFor(routes, edge, 'POST');
  const main = routeFor(routes, edge, 'GET') ?? others;
  if (main === undefined) return undefined;
  const values = hasTwoRoutes(edge) ? ofService(main, others, before) : ofGateway(main, before);
  const policy = changed(before, values);
  nameOthers(edge, main, others, policy);
  nameNotTaken(edge, [main, others], routes, policy);
  return values;
}

/** The route that such a call takes: the first one for all of them, else the first one for some. */
function routeFor(
  routes: readonly TheirRoute[],
  edge: CallEdge,
  method: 'GET' | 'POST',
): TheirRoute | undefined {
  const taken = routes.filter((route) => route.takes(edge, method));
  return taken.find((route) => route.takesAll(edge, method)) ?? taken[0];
}

/** The policy with those values. */
function changed(policy: CallPolicy, values: GivenValues): CallPolicy {
  const written = possibleFields(policy).reduce((before, field) => {
    const value = values[field.name];
    if (field.kind === 'text') return typeof value === 'string' ? field.write(before, value) : before;
    return typeof value === 'number' ? field.write(before, value) : before;
  }, policy);
  return values['per_try_timeout_ms'] === null ? { ...written, perTryTimeoutMs: null } : written;
}

/** A call between services: GET has the main route. */
function ofService(main: TheirRoute, others: TheirRoute | undefined, before: CallPolicy): GivenValues {
  const { fields } = main;
  const { timeoutMs, retries } = main.values;
  if (retries === null) {
    return {
      tries: 1,
      ...(timeoutMs === undefined ? whole(main) : limitsOfOne(fields, timeoutMs, others, before)),
    };
  }
  if (retries === undefined) return { ...whole(main), ...noRetries(fields) };
  const { perTryTimeoutMs } = retries;
  if (perTryTimeoutMs === undefined) {
    fields.note(
      'retries.perTryTimeout',
      `it is left out, so an attempt may take as long as the call there; per_try_timeout_ms stays ${before.perTryTimeoutMs} ms`,
    );
  }
  const perTry = perTryTimeoutMs === undefined ? {} : { per_try_timeout_ms: perTryTimeoutMs };
  return { ...whole(main), ...perTry, ...retryFields(retries, retries.retryOn, before) };
}

/** A call of the gateway, every method: it retries only what no service has seen. */
function ofGateway(main: TheirRoute, before: CallPolicy): GivenValues {
  const { fields } = main;
  const { retries } = main.values;
  if (retries === undefined) return { ...whole(main), ...noRetries(fields) };
  const isUnseen = (name: string) => unseenConditions.some((one) => one === name);
  const seen = retries?.retryOn.filter((name) => !isUnseen(name)) ?? [];
  if (seen.length > 0) {
    fields.note(
      'retries.retryOn',
      `the gateway retries only what no service has seen, so not ${seen.join(', ')}`,
    );
  }
  const unseen = retries?.retryOn.filter(isUnseen) ?? [];
  if (retries === null || unseen.length === 0) return { tries: 1, ...whole(main), per_try_timeout_ms: null };
  return {
    ...whole(main),
    per_try_timeout_ms: retries.perTryTimeoutMs ?? null,
    ...retryFields(retries, unseen, before),
  };
}

/** The limit of the whole call. */
function whole({ fields, values: { timeoutMs } }: TheirRoute): GivenValues {
  if (timeoutMs !== undefined) return { timeout_ms: timeoutMs };
  fields.note('timeout', 'it is left out, so Istio has no limit; timeout_ms stays as it is');
  return {};
}

function noRetries(fields: Fields): GivenValues {
  fields.note(
    'retries',
    'it is left out, so Istio retries twice when a connection fails or is refused; tries and retry_on stay as they are',
  );
  return {};
}

function retryFields(
  { attempts, backOffMs = usualBackOffMs }: NonNullable<RouteValues['retries']>,
  retryOn: readonly string[],
  before: CallPolicy,
): GivenValues {
  return {
    tries: attempts + 1,
    retry_on: retryOn.join(','),
    back_off_base_ms: backOffMs,
    // the longest interval is not given there, and cannot be shorter than the first
    ...(backOffMs > before.backOff.maxMs ? { back_off_max_ms: backOffMs } : {}),
  };
}

/**
 * The limits of a call with one attempt. There it may take as long as the call; here its limit is inside that of the call, which
 * holds for other methods, too.
 */
function limitsOfOne(
  fields: Fields,
  attemptMs: number,
  others: TheirRoute | undefined,
  before: CallPolicy,
): GivenValues {
  const apart = others !== undefined && others.fields !== fields;
  const wholeMs = apart ? (others.values.timeoutMs ?? before.timeoutMs) : attemptMs;
  if (wholeMs > attemptMs) return { per_try_timeout_ms: attemptMs, timeout_ms: wholeMs };
  const leastMs = Math.min(attemptMs + 1, mostOf('timeout_ms'));
  fields.note(
    'timeout',
    `with one attempt it is per_try_timeout_ms; timeout_ms, which is longer here, is ${leastMs} ms`,
  );
  return { per_try_timeout_ms: leastMs - 1, timeout_ms: leastMs };
}

/** Names what happens here to other methods than GET, where theirs have another policy. */
function nameOthers(
  edge: CallEdge,
  main: TheirRoute,
  others: TheirRoute | undefined,
  policy: CallPolicy,
): void {
  if (others === undefined) return;
  const named = edgeNamed(edge);
  if (!hasTwoRoutes(edge)) {
    if (others !== main && !doesTheSame(others.values, mainRoute(policy))) {
      others.fields.note('match', `${named}: here every method has the policy of GET`);
    }
    return;
  }
  // the limit of one attempt by any method is already reported
  if (others === main && main.values.retries === null) return;
  if (!doesTheSame(others.values, otherRoute(policy))) {
    others.fields.note(
      others === main ? 'retries' : 'match',
      `${named}: here other methods than GET are retried only where no service has seen them; timeout_ms is their one limit`,
    );
  }
}

/** Names routes for the call that would do something else, and are not among those taken. */
function nameNotTaken(
  edge: CallEdge,
  taken: readonly (TheirRoute | undefined)[],
  routes: readonly TheirRoute[],
  policy: CallPolicy,
): void {
  for (const route of routes) {
    if (taken.includes(route) || !(route.takes(edge, 'GET') || route.takes(edge, 'POST'))) continue;
    if (!doesTheSame(route.values, mainRoute(policy))) {
      route.fields.note('match', `${edgeNamed(edge)} has one policy here, taken from another route`);
    }
  }
}
