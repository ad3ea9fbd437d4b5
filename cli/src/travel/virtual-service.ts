/** Reads a VirtualService of Istio: which calls each of its HTTP routes is about, and what it makes of them. */
import { type CallEdge, callEdges, type Identity, type ServiceName, serviceNamed } from '@microshop/topology';
import type { CallRoute } from './call-routes.ts';
import { callersIn } from './callers.ts';
import type { Resource } from './documents.ts';
import type { Fields } from './fields.ts';
import type { Hosts } from './hosts.ts';
import { pathsOf } from './istio.ts';
import { mostOf } from './policy-field.ts';
import { conditionsIn, usualRetryOn } from './retry-conditions.ts';

/** Istio's word for all sidecars, in a list of gateways. */
const sidecars = 'mesh';

/** What a route says; a field that it leaves out is not there. */
export interface RouteValues {
  readonly timeoutMs?: number;
  /** `null`: none. */
  readonly retries?: {
    readonly attempts: number;
    readonly perTryTimeoutMs?: number;
    /** Conditions that are known here; perhaps none. */
    readonly retryOn: readonly string[];
    readonly backOffMs?: number;
  } | null;
}

/** One HTTP route, as far as it is about calls of the shop. */
export interface TheirRoute {
  readonly fields: Fields;
  readonly values: RouteValues;
  /** Whether gateways take it, and not only sidecars. */
  readonly byGateways: boolean;
  /** Whether a call of that edge with that method can take it. */
  takes(edge: CallEdge, method: 'GET' | 'POST'): boolean;
  /** Whether every such call does, whatever its path and whatever else a match may ask for. */
  takesAll(edge: CallEdge, method: 'GET' | 'POST'): boolean;
}

/** Who takes a route. */
interface Takers {
  /** `undefined`: every one. */
  readonly callers: readonly Identity[] | undefined;
  readonly bySidecars: boolean;
  readonly byGateways: boolean;
  admits(method: string): boolean;
  /** Whether they take it for every path and every call, and not only for some. */
  readonly forAll: boolean;
}

/** Its HTTP routes, in their order. */
export function routesOf({ spec }: Resource, hosts: Hosts): TheirRoute[] {
  if (spec === undefined) return [];
  const gateways = spec.has('gateways') ? spec.texts('gateways') : [sidecars];
  // the routes' destinations name the callee
  spec.texts('hosts');
  const routes = spec.maps('http').flatMap((fields) => routeOf(fields, gateways, hosts) ?? []);
  spec.rest();
  return routes;
}

function routeOf(fields: Fields, gateways: readonly string[], hosts: Hosts): TheirRoute | undefined {
  fields.text('name');
  const callees = calleesOf(fields, hosts);
  const takers = takersOf(fields, callees, gateways, hosts);
  const values = valuesOf(fields);
  if (fields.has('fault')) fields.note('fault', 'a fault is set here at the callee: ./mesh fault set');
  fields.rest();
  if (callees.length === 0) {
    fields.note('route', 'it leads to no service, so there is no call that it could be about');
    return undefined;
  }
  const takersOn = (edge: CallEdge, method: 'GET' | 'POST') =>
    callees.includes(edge.callee) ? takers.filter((one) => isTaker(one, edge) && one.admits(method)) : [];
  const takes = (edge: CallEdge, method: 'GET' | 'POST') => takersOn(edge, method).length > 0;
  if (!callEdges.some((edge) => takes(edge, 'GET') || takes(edge, 'POST'))) {
    fields.note('match', 'no call of the shop takes this route');
    return undefined;
  }
  const takesAll = (edge: CallEdge, method: 'GET' | 'POST') =>
    takersOn(edge, method).some(({ forAll }) => forAll);
  return { fields, values, byGateways: takers.some((one) => one.byGateways), takes, takesAll };
}

function calleesOf(fields: Fields, hosts: Hosts): ServiceName[] {
  const callees = fields.maps('route').flatMap((one) => {
    const destination = one.map('destination');
    const host = destination?.text('host');
    if (destination?.has('host') === false) destination.mistake('host', 'is missing');
    if (one.has('weight')) one.note('weight', 'all replicas of a service get the same share here');
    one.rest();
    if (destination === undefined || host === undefined) return [];
    if (destination.has('port')) destination.map('port')?.count('number', 1, 65_535);
    if (destination.has('subset')) destination.note('subset', 'a service has no subsets here');
    destination.rest();
    const service = hosts.serviceOf(host);
    if (service === undefined) destination.mistake('host', unknownHost(host));
    return service === undefined ? [] : [service];
  });
  return [...new Set(callees)];
}

/** The message about a host that stands for no service. */
export function unknownHost(host: string): string {
  return `is "${host}", which is not a service here; say which one it stands for: --as <service>=${host}`;
}

function takersOf(
  fields: Fields,
  callees: readonly ServiceName[],
  gateways: readonly string[],
  hosts: Hosts,
): Takers[] {
  const by = (names: readonly string[]) => ({
    bySidecars: names.includes(sidecars),
    byGateways: names.some((name) => name !== sidecars),
  });
  const matches = fields.maps('match');
  if (matches.length === 0)
    return [{ callers: undefined, admits: () => true, forAll: true, ...by(gateways) }];
  return matches.map((match) => {
    match.text('name');
    const admits = methodsOf(match.map('method'));
    const own = match.has('gateways') ? match.texts('gateways') : gateways;
    const { names: callers, whole } = callersIn(match, 'sourceLabels', hosts);
    const uri = match.map('uri');
    const somePaths = uri !== undefined && !isWholeService(uri, callees);
    if (somePaths) match.note('uri', 'a policy here holds for every path of a service');
    const more = match.rest('a policy here holds for every call to a service');
    return { callers, admits, forAll: more === 0 && !somePaths && whole, ...by(own) };
  });
}

/** Whether the paths are all those by which the gateway here leads to a service. */
function isWholeService(uri: Fields, callees: readonly ServiceName[]): boolean {
  const paths = callees.flatMap((callee) => pathsOf(serviceNamed(callee)));
  const [exact, prefix, regex] = [uri.text('exact'), uri.text('prefix'), uri.text('regex')];
  const pattern = regex === undefined ? undefined : wholeText(regex);
  return paths.some(
    (path) =>
      exact === path ||
      (prefix !== undefined && `${path}/`.startsWith(prefix)) ||
      (pattern?.test(path) === true && pattern.test(`${path}/any`)),
  );
}

function isTaker({ callers, bySidecars, byGateways }: Takers, { caller, callee }: CallEdge): boolean {
  if (caller !== 'gateway') return bySidecars && (callers?.includes(caller) ?? true);
  // a match with labels is for the gateway only when its own pods have them
  if (byGateways) return callers?.includes(caller) ?? true;
  // where no service calls it, the gateway is the one caller that a route of sidecars can be tried with
  const called = callEdges.some((edge) => edge.callee === callee && edge.caller !== 'gateway');
  return bySidecars && callers === undefined && !called;
}

/** Which methods a match admits. */
function methodsOf(match: Fields | undefined): Takers['admits'] {
  if (match === undefined) return () => true;
  const [exact, prefix, regex] = [match.text('exact'), match.text('prefix'), match.text('regex')];
  match.rest();
  if (exact !== undefined) return (method) => method === exact;
  if (prefix !== undefined) return (method) => method.startsWith(prefix);
  if (regex === undefined) return () => true;
  const pattern = wholeText(regex);
  if (pattern !== undefined) return (method) => pattern.test(method);
  match.note('regex', 'it cannot be read here: the route is taken for every method');
  return () => true;
}

/** The pattern, which must fit a whole text; `undefined` when it cannot be read here. */
function wholeText(regex: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${regex})$`);
  } catch {
    return undefined;
  }
}

function valuesOf(fields: Fields): RouteValues {
  const timeoutMs = fields.duration('timeout');
  const retries = fields.map('retries');
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(retries === undefined ? {} : { retries: retriesIn(retries) }),
  };
}

function retriesIn(retries: Fields): NonNullable<RouteValues['retries']> | null {
  const given = retries.count('attempts', 0, mostOf('tries') - 1);
  const perTryTimeoutMs = retries.duration('perTryTimeout');
  const backOffMs = retries.duration('backoff');
  const { known, notes, mistakes } = conditionsIn(retries.text('retryOn') ?? usualRetryOn);
  if (mistakes.length > 0) {
    retries.mistake('retryOn', `names ${mistakes.join(', ')}, which Istio does not know`);
  }
  const elsewhere = retries.flag('retryRemoteLocalities');
  if (elsewhere === true) retries.note('retryRemoteLocalities', 'there are no localities here');
  const otherHosts = retries.flag('retryIgnorePreviousHosts');
  if (otherHosts === false) {
    retries.note('retryIgnorePreviousHosts', 'a retry here goes to another replica where there is one');
  }
  retries.rest();
  // a count that is wrong is a mistake by itself
  if (given === undefined && retries.has('attempts')) return null;
  const attempts = given ?? 0;
  if (attempts === 0) {
    const more = ['perTryTimeout', 'retryOn', 'retryRemoteLocalities'].filter((key) => retries.has(key));
    if (more.length > 0) {
      const [is, fix] = retries.has('attempts')
        ? ['0', 'leave it out']
        : ['missing', 'say how many retries there are'];
      retries.mistake('attempts', `is ${is}, and Istio then refuses ${more.join(', ')} beside it: ${fix}`);
    }
    return null;
  }
  for (const note of notes) retries.note('retryOn', note);
  if (known.length === 0) {
    retries.note('retryOn', 'nothing that it names is retried here, so there is one attempt');
    return null;
  }
  return {
    attempts,
    retryOn: known,
    ...(perTryTimeoutMs === undefined ? {} : { perTryTimeoutMs }),
    ...(backOffMs === undefined ? {} : { backOffMs }),
  };
}

/** Whether their route does what ours does, as far as theirs says what it does. */
export function doesTheSame({ timeoutMs, retries }: RouteValues, ours: CallRoute): boolean {
  if (timeoutMs !== undefined && timeoutMs !== ours.timeoutMs) return false;
  if (retries === undefined) return true;
  if (retries === null || ours.retries === null) return retries === ours.retries;
  const { attempts, perTryTimeoutMs = null, retryOn, backOffMs = ours.retries.backOffMs } = retries;
  return (
    attempts === ours.retries.attempts &&
    perTryTimeoutMs === ours.retries.perTryTimeoutMs &&
    backOffMs === ours.retries.backOffMs &&
    [...retryOn].sort().join() === [...ours.retries.retryOn].sort().join()
  );
}
