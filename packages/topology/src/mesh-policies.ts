/** The policies of all edges together: where each stands, and what they must hold to as a whole. */
import { callersOf, type Identity } from './identities.ts';
import {
  type BreakerPolicy,
  type CallPolicy,
  checkBreaker,
  checkGatewayPolicy,
  checkPolicies,
  type EdgePolicy,
  edgePolicy,
  gatewayPolicy,
  requestDeadlineMs,
  retryConditions,
} from './policies.ts';
import { changedPolicy, type PolicyChange } from './policy-fields.ts';
import { type ServiceName, serviceNamed, services } from './services.ts';

/** An edge over which calls go: between services, or from the gateway. */
export interface CallEdge {
  readonly caller: Identity;
  readonly callee: ServiceName;
}

/** Every edge of the mesh, the gateway's first. */
export const callEdges: readonly CallEdge[] = services
  .flatMap(({ name: callee }) => callersOf(callee).map((caller) => ({ caller, callee })))
  .sort((one, other) => Number(other.caller === 'gateway') - Number(one.caller === 'gateway'));

/** An edge as people read it: `orders → products`. */
export function edgeNamed({ caller, callee }: CallEdge): string {
  return `${caller} → ${callee}`;
}

/**
 * Policy of an edge to a service that calls others: their calls are retried, so this one is not. Its one attempt may
 * take as long as all attempts of theirs.
 */
const onwardPolicy: EdgePolicy = {
  ...edgePolicy,
  tries: 1,
  perTryTimeoutMs:
    edgePolicy.tries * edgePolicy.perTryTimeoutMs + (edgePolicy.tries - 1) * edgePolicy.backOff.maxMs,
};

/** The topology's policy of an edge from a service to that one, its breaker included. */
export function edgePolicyTo(callee: ServiceName): EdgePolicy {
  return serviceNamed(callee).calls.length > 0 ? onwardPolicy : edgePolicy;
}

/** The policies in effect: of every edge, by name. */
export type MeshPolicies = ReadonlyMap<string, CallPolicy>;

/** The policies as the topology says. */
export const topologyPolicies: MeshPolicies = new Map(
  callEdges.map((edge) => [
    edgeNamed(edge),
    edge.caller === 'gateway' ? gatewayPolicy : edgePolicyTo(edge.callee),
  ]),
);

/** Thrown when policies do not fit together; the message names the edge, the field and the limit it breaks. */
export class PolicyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PolicyError';
  }
}

/** The policy of an edge. Throws {@link PolicyError} when there is no such edge. */
export function policyOf(policies: MeshPolicies, edge: CallEdge): CallPolicy {
  const found = policies.get(edgeNamed(edge));
  if (found === undefined) throw unknownEdge(edge);
  return found;
}

/** The edge from that caller to that callee. Throws {@link PolicyError} when there is no such edge. */
export function edgeBetween(caller: string, callee: string): CallEdge {
  const found = callEdges.find((edge) => edge.caller === caller && edge.callee === callee);
  if (found === undefined) throw unknownEdge({ caller, callee });
  return found;
}

/** Breakers of a service: of each service it calls. */
export type BreakerPolicies = Readonly<Partial<Record<ServiceName, BreakerPolicy>>>;

/** Services that have breakers: those that call others. */
export const breakerServices: readonly ServiceName[] = services
  .filter(({ calls }) => calls.length > 0)
  .map(({ name }) => name);

/** The breakers of that service under these policies; none when it makes no calls. */
export function breakersOf(policies: MeshPolicies, caller: ServiceName): BreakerPolicies {
  const breakers: Partial<Record<ServiceName, BreakerPolicy>> = {};
  for (const callee of serviceNamed(caller).calls) {
    const { breaker } = policyOf(policies, { caller, callee });
    if (breaker !== null) breakers[callee] = breaker;
  }
  return breakers;
}

/**
 * The topology's policies with these changes. Throws {@link PolicyError}; what it returns has been checked, unless
 * `checked` is false: a comparison shows what policies do that do not fit together.
 */
export function policiesWith(
  changes: readonly { readonly edge: CallEdge; readonly change: PolicyChange }[],
  checked = true,
): MeshPolicies {
  const policies = new Map(topologyPolicies);
  for (const { edge, change } of changes) {
    const policy = policyOf(policies, edge);
    policies.set(
      edgeNamed(edge),
      about(edge, () => changedPolicy(policy, change)),
    );
  }
  if (checked) checkMeshPolicies(policies);
  return policies;
}

/**
 * Throws {@link PolicyError} unless, on every edge, the attempts fit the route timeout, which ends before the breaker,
 * the deadline and the gateway; and on every path of calls at most one edge retries what a service has seen.
 */
export function checkMeshPolicies(policies: MeshPolicies): void {
  for (const edge of callEdges) {
    const policy = policyOf(policies, edge);
    about(edge, () => {
      checkRetries(policy);
      if (edge.caller === 'gateway') checkGatewayPolicy(policy, requestDeadlineMs);
      else checkServiceEdge(policies, edge.caller, edge.callee, policy);
    });
  }
}

/** Runs the work; what it throws is thrown as a {@link PolicyError} that names the edge. */
function about<T>(edge: CallEdge, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PolicyError(`${edgeNamed(edge)}: ${reason}`, { cause: error });
  }
}

function checkServiceEdge(
  policies: MeshPolicies,
  caller: ServiceName,
  callee: ServiceName,
  policy: CallPolicy,
): void {
  const { breaker } = policy;
  if (breaker === null) throw new Error('breaker must be there: the caller is a service');
  const gateway = policyOf(policies, { caller: 'gateway', callee: caller });
  // without a limit of its own an attempt may take as long as the call
  const perTryTimeoutMs = policy.perTryTimeoutMs ?? policy.timeoutMs;
  checkPolicies({ ...policy, perTryTimeoutMs, breaker }, requestDeadlineMs, gateway.timeoutMs);
  checkBreaker(breaker, policy.outlierDetection.ejectionMs);
  const inner = callEdges.find(
    (next) => next.caller === callee && policy.tries > 1 && policyOf(policies, next).tries > 1,
  );
  if (inner !== undefined) throw new Error(`${edgeNamed(inner)} retries, too: retries live in one layer`);
}

function checkRetries({ retryOn, backOff }: CallPolicy): void {
  if (backOff.baseMs > backOff.maxMs) {
    throw new Error(
      `back_off_base_ms (${backOff.baseMs} ms) must not be longer than back_off_max_ms (${backOff.maxMs} ms)`,
    );
  }
  const unknown = retryOn.split(',').filter((name) => !retryConditions.some((known) => known === name));
  if (unknown.length > 0) {
    throw new Error(`retry_on names "${unknown.join(',')}", which is none of ${retryConditions.join(', ')}`);
  }
}

function unknownEdge({ caller, callee }: { readonly caller: string; readonly callee: string }): PolicyError {
  const known = callEdges.map(edgeNamed).join(', ');
  return new PolicyError(`The topology has no call ${caller} → ${callee}; its calls are ${known}`);
}

checkMeshPolicies(topologyPolicies);
