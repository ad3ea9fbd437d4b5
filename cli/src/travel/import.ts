/**
 * Takes the policies of somebody's Istio resources over to the calls of the shop, as a file of policies. What such a file
 * leaves out stays as it is in effect.
 */

import { recordsWith } from '@microshop/control/changes/policy-values';
import type { PolicyRecord, WantedPolicy } from '@microshop/control/changes/schemas';
import { wantedPolicySchema } from '@microshop/control/changes/schemas';
import { policiesOf } from '@microshop/control/changes/store';
import {
  type CallEdge,
  type CallPolicy,
  callEdges,
  edgeNamed,
  PolicyError,
  policyOf,
  possibleFields,
} from '@microshop/topology';
import { Value } from 'typebox/value';
import { CommandFailed, UsageError } from '../output/errors.ts';
import { hasTwoRoutes, mainRoute, otherRoute } from './call-routes.ts';
import { ruleOf } from './destination-rule.ts';
import { type NotTaken, type Resource, streamOf } from './documents.ts';
import type { Fields } from './fields.ts';
import type { GivenValues } from './given-values.ts';
import type { Hosts } from './hosts.ts';
import { doesTheSame, routesOf, type TheirRoute } from './virtual-service.ts';

/** A call that the file is about, and what the file does not say of it. */
interface Stays {
  readonly caller: string;
  readonly callee: string;
  /** Fields that stay as they are in effect. */
  readonly fields: readonly string[];
}

/** What became of a file. */
export interface Imported {
  readonly policies: readonly WantedPolicy[];
  readonly notTaken: readonly NotTaken[];
  readonly stays: readonly Stays[];
}

/** Kinds that are not taken over though there is something like them here. */
const kinds: Readonly<Record<string, string>> = {
  PeerAuthentication: 'every call here has mutual TLS',
  AuthorizationPolicy: 'who may call whom is what the topology says',
  HTTPRoute: 'a VirtualService is taken over, no route of Gateway API',
};

/** What the documents say of one call, by the order in which they stand. */
interface Found {
  readonly edge: CallEdge;
  readonly values: Map<string, { readonly value: number | string | null; readonly from: string }>;
}

/** Reads a file; `records` is what is in effect beside the topology. Throws `UsageError` with every mistake. */
export function importIstio(
  source: string,
  file: string,
  hosts: Hosts,
  records: readonly PolicyRecord[],
): Imported {
  const stream = streamOf(source, file);
  const base = policiesOf(records, false);
  const found = callEdges.map((edge): Found => ({ edge, values: new Map() }));
  const later: (() => void)[] = [];
  for (const resource of stream.resources) {
    const { group, kind } = resource;
    if (group === 'networking.istio.io' && kind === 'VirtualService') {
      const routes = routesOf(resource, hosts);
      // of what is wrong nothing is worked out
      later.push(() => takeRoutes(resource, routes, found, (edge) => policyOf(base, edge)));
    } else if (group === 'networking.istio.io' && kind === 'DestinationRule') {
      const rule = ruleOf(resource, hosts);
      if (rule === undefined) resource.pass('no call of the shop is one that it is about');
      else later.push(() => takeRule(resource, rule.edges, rule.values, found));
    } else resource.pass(kinds[kind] ?? 'there is nothing like it here');
  }
  stream.orMistakes();
  for (const take of later) take();

  const policies = found.flatMap(({ edge, values }) =>
    values.size === 0
      ? []
      : [
          Value.Parse(wantedPolicySchema, {
            ...edge,
            policy: Object.fromEntries([...values].map(([name, { value }]) => [name, value])),
          }),
        ],
  );
  if (policies.length === 0) {
    throw new UsageError(
      `${file} has nothing that could be taken over: a VirtualService with timeout or retries, or a DestinationRule with retryBudget, outlierDetection or connectionPool`,
    );
  }
  return {
    policies,
    // what is worked out of several routes is found later
    notTaken: stream.notTaken.toSorted((one, other) => one.document - other.document),
    stays: policies.map(({ caller, callee, policy }) => ({
      caller,
      callee,
      fields: staying(policyOf(base, edgeOf(caller, callee)), policy),
    })),
  };
}

/** The report of an import, for programs. */
export function importReport(file: string, { notTaken, stays }: Imported): object {
  return { file, not_taken: notTaken, stays };
}

/** The same in words, a line each. */
export function importLines(file: string, { notTaken, stays }: Imported): string[] {
  return [
    ...notTaken.map(({ document, kind, name, field, why }) => {
      const what = [kind, name].flatMap((word) => word ?? []).join(' ');
      return `${file}, document ${document} (${what})${field === null ? '' : `, ${field}`}: ${why}`;
    }),
    ...stays
      .filter(({ fields }) => fields.length > 0)
      .map(({ caller, callee, fields }) => `${caller} → ${callee} keeps ${fields.join(', ')}`),
  ];
}

function edgeOf(caller: string, callee: string): CallEdge {
  const edge = callEdges.find((one) => one.caller === caller && one.callee === callee);
  if (edge === undefined) throw new Error(`There is no call ${caller} → ${callee}`);
  return edge;
}

function staying(policy: CallPolicy, values: GivenValues): string[] {
  return possibleFields(policy)
    .map(({ name }) => name)
    .filter((name) => !Object.hasOwn(values, name));
}

/** Throws `CommandFailed` when the policies, with what is in effect, do not fit together. */
export function checkTogether(
  file: string,
  policies: readonly WantedPolicy[],
  records: readonly PolicyRecord[],
): void {
  try {
    policiesOf(recordsWith(records, policies), true);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new CommandFailed(`${file}: ${error.message}`, { cause: error });
  }
}

function takeRule(
  resource: Resource,
  edges: readonly CallEdge[],
  values: GivenValues,
  found: readonly Found[],
): void {
  for (const one of found.filter(({ edge }) => edges.includes(edge))) give(one, resource, values);
}

/** Keeps values for a call. What stands there already came from a document before. */
function give({ edge, values }: Found, resource: Resource, given: GivenValues): void {
  for (const [name, value] of Object.entries(given)) {
    const before = values.get(name);
    if (before === undefined) values.set(name, { value, from: resource.called });
    else if (before.value !== value) {
      resource.pass(`${name} of ${edgeNamed(edge)} is taken from ${before.from} already`);
    }
  }
}

function takeRoutes(
  resource: Resource,
  routes: readonly TheirRoute[],
  found: readonly Found[],
  policyInEffect: (edge: CallEdge) => CallPolicy,
): void {
  for (const one of found) {
    const { edge } = one;
    const others = routeFor(routes, edge, 'POST');
    const main = routeFor(routes, edge, 'GET') ?? others;
    if (main === undefined) continue;
    const before = policyInEffect(edge);
    const values = valuesOf(edge, main, others, before);
    give(one, resource, values);
    compare(edge, main, others, changed(before, values), routes);
  }
}

/** The route that such a call takes: the first one for all of them, else the first one for some. */
function routeFor(
  routes: readonly TheirRoute[],
  edge: CallEdge,
  method: 'GET' | 'POST',
): TheirRoute | undefined {
  const taken = routes.filter((route) => route.takes(edge, method));
  return taken.find(({ forAll }) => forAll) ?? taken[0];
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

/** The fields of a call's policy, by the route for GET and the one for other methods. */
function valuesOf(
  edge: CallEdge,
  { fields, values: { timeoutMs, retries } }: TheirRoute,
  others: TheirRoute | undefined,
  before: CallPolicy,
): GivenValues {
  const ofGateway = !hasTwoRoutes(edge);
  if (timeoutMs === undefined) {
    fields.note('timeout', 'it is left out, so Istio has no limit; timeout_ms stays as it is');
  }
  const whole = timeoutMs === undefined ? {} : { timeout_ms: timeoutMs };
  if (retries === undefined) {
    fields.note(
      'retries',
      'it is left out, so Istio retries twice when a connection fails or is refused; tries and retry_on stay as they are',
    );
    return whole;
  }
  if (retries === null) {
    const single = { tries: 1 };
    if (timeoutMs === undefined) return single;
    if (ofGateway) return { ...single, ...whole, per_try_timeout_ms: null };
    return { ...single, ...limitsOfOne(fields, timeoutMs, others, before) };
  }
  const { attempts, perTryTimeoutMs, retryOn, backOffMs = 25 } = retries;
  if (perTryTimeoutMs === undefined && !ofGateway) {
    fields.note(
      'retries.perTryTimeout',
      `it is left out, so an attempt may take as long as the call there; per_try_timeout_ms stays ${before.perTryTimeoutMs} ms`,
    );
  }
  return {
    tries: attempts + 1,
    ...whole,
    ...(perTryTimeoutMs !== undefined
      ? { per_try_timeout_ms: perTryTimeoutMs }
      : ofGateway
        ? { per_try_timeout_ms: null }
        : {}),
    retry_on: retryOn.join(','),
    back_off_base_ms: backOffMs,
    // the longest one is not said there, and cannot be shorter than the first
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
  fields.note(
    'timeout',
    `with one attempt it is per_try_timeout_ms; timeout_ms, which is longer here, is ${attemptMs + 1} ms`,
  );
  return { per_try_timeout_ms: attemptMs, timeout_ms: attemptMs + 1 };
}

/** Names what the policy that was made of these routes does not do as they do. */
function compare(
  edge: CallEdge,
  main: TheirRoute,
  others: TheirRoute | undefined,
  policy: CallPolicy,
  routes: readonly TheirRoute[],
): void {
  const named = edgeNamed(edge);
  const ofOthers = hasTwoRoutes(edge) ? otherRoute(policy) : mainRoute(policy);
  // of one attempt by every method the limit was said
  const same = others === undefined || (others === main && main.values.retries === null);
  if (!same && !doesTheSame(others.values, ofOthers)) {
    const rule = hasTwoRoutes(edge)
      ? 'other methods than GET are retried only where no service has seen them; timeout_ms is their one limit'
      : 'every method has the policy of GET';
    others.fields.note(others === main ? 'retries' : 'match', `${named}: here ${rule}`);
  }
  for (const route of routes) {
    const isTaken = route === main || route === others;
    if (isTaken || !(route.takes(edge, 'GET') || route.takes(edge, 'POST'))) continue;
    if (!doesTheSame(route.values, mainRoute(policy))) {
      route.fields.note('match', `${named} has one policy here, taken from another route`);
    }
  }
}
