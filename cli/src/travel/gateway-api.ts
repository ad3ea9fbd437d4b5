/**
 * The policies in effect as HTTPRoutes (Gateway API 1.7, standard channel): limits and retries of routes. It has no
 * resource for budgets, limits of what is under way, outlier detection, or who may call.
 */
import type { JsonObject } from '@microshop/envoy';
import { type CallEdge, type CallPolicy, callEdges, podPorts, policyOf, services } from '@microshop/topology';
import { durationText } from '../output/values.ts';
import { conditionsOf, hasTwoRoutes } from './call-routes.ts';
import type { Exported } from './exported.ts';
import { pathsOf } from './istio.ts';
import {
  createLosses,
  type InEffect,
  type Losses,
  loseAppFields,
  loseDeadline,
  loseRateLimit,
} from './losses.ts';
import { assumptions, gatewayName } from './names.ts';
import { fieldValue } from './policy-field.ts';

const port = podPorts.app;

/** Codes of an answer that a condition of Envoy means and that every implementation knows. */
const codesOf: Readonly<Record<string, readonly number[]>> = {
  'gateway-error': [502, 503, 504],
  '5xx': [500, 502, 503, 504],
  'retriable-4xx': [409],
};

/** Conditions that need no word: wherever retries are on, errors of a connection are retried. */
const always: readonly string[] = ['connect-failure', 'refused-stream', 'reset-before-request'];

/** Why a condition is lost, where no code and no rule of the API stands for it. */
const lostConditions: Readonly<Record<string, string>> = {
  reset: 'a connection that breaks after the request was sent',
  'retriable-headers': 'the header of an answer by which a sidecar says that no app has seen the request',
  'envoy-ratelimited': 'an answer that is marked as rate limited',
};

/** Fields that the standard channel has no word for. */
const lostFields = [
  'back_off_max_ms',
  'retry_budget_percent',
  'min_retry_concurrency',
  'max_connections',
  'max_streams',
  'max_pending_requests',
  'max_requests',
  'consecutive_5xx',
  'ejection_ms',
  'max_ejection_percent',
] as const;

const noField = 'The standard channel of Gateway API has no field for it.';

/** Everything in effect that has a word there. */
export function gatewayApiExport(inEffect: InEffect, namespace: string): Exported {
  const { policies, faults } = inEffect;
  const losses = createLosses(inEffect);
  const of = (edge: CallEdge) => policyOf(policies, edge);
  for (const edge of callEdges) {
    loseConditions(edge, of(edge), losses);
    for (const name of lostFields) {
      losses.field(name, noField, edge);
    }
    loseRateLimit(losses, noField, edge, of(edge));
  }
  loseAppFields(inEffect, losses);
  loseDeadline(
    losses,
    'A request has a deadline that services pass on and keep to. Gateway API limits each call by itself.',
  );
  losses.setting(
    'mutual_tls_and_callers',
    'Gateway API does not say who may call a service, nor that both ends of a call show a certificate.',
    callEdges,
  );
  for (const fault of faults) losses.fault(fault, 'Gateway API has no faults.');

  const route = (name: string, spec: JsonObject): JsonObject => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace },
    spec,
  });
  const betweenServices = services.flatMap(({ name: callee }) => {
    const [first, ...more] = callEdges.filter((edge) => edge.caller !== 'gateway' && edge.callee === callee);
    if (first === undefined) return [];
    for (const other of more) loseCaller(first, other, inEffect, losses);
    return [
      {
        says: `Calls to ${callee} from services. GET has a rule of its own.`,
        document: route(callee, {
          parentRefs: [{ group: '', kind: 'Service', name: callee, port }],
          rules: rulesBetween(first, of(first)),
        }),
      },
    ];
  });
  return {
    documents: [
      {
        says: 'Requests from outside. No answer is retried, so one rule serves every method.',
        document: route(gatewayName, {
          parentRefs: [{ name: gatewayName }],
          rules: services.map((service) => {
            const policy = of({ caller: 'gateway', callee: service.name });
            return {
              name: service.name,
              matches: pathsOf(service).map((value) => ({ path: { type: 'PathPrefix', value } })),
              ...rule(service.name, policy, policy.perTryTimeoutMs, codesIn(policy)),
            };
          }),
        }),
      },
      ...betweenServices,
    ],
    losses: losses.list,
    assumes: [
      ...assumptions(namespace),
      `The port of each Service is ${port}.`,
      'The implementation supports routes of a Service (GAMMA) and retries, which are extended features.',
    ],
  };
}

/** Codes that are retried. */
function codesIn(policy: CallPolicy): number[] {
  const codes = new Set(conditionsOf(policy).flatMap((name) => codesOf[name] ?? []));
  return [...codes].sort((one, other) => one - other);
}

/** Rules of calls between two services, GET first. Of other methods no answer is retried. */
function rulesBetween({ caller, callee }: CallEdge, policy: CallPolicy): JsonObject[] {
  const get = rule(callee, policy, policy.perTryTimeoutMs, codesIn(policy));
  return [
    { name: `${caller}-get`, matches: [{ method: 'GET' }], ...get },
    { name: caller, ...rule(callee, policy, null, []) },
  ];
}

function rule(
  callee: string,
  policy: CallPolicy,
  perTryTimeoutMs: number | null,
  codes: readonly number[],
): JsonObject {
  return {
    backendRefs: [{ name: callee, port }],
    timeouts: {
      request: durationText(policy.timeoutMs),
      ...(perTryTimeoutMs === null ? {} : { backendRequest: durationText(perTryTimeoutMs) }),
    },
    retry: {
      attempts: policy.tries - 1,
      ...(policy.tries > 1 && codes.length > 0 ? { codes } : {}),
      ...(policy.tries > 1 ? { backoff: durationText(policy.backOff.baseMs) } : {}),
    },
  };
}

function loseConditions(edge: CallEdge, policy: CallPolicy, losses: Losses): void {
  if (policy.tries === 1) {
    for (const name of ['retry_on', 'back_off_base_ms']) {
      losses.field(name, 'Nothing is retried, and nothing else is written about retries then.', edge);
    }
    return;
  }
  const conditions = conditionsOf(policy);
  const lose = (why: string) => losses.field('retry_on', why, edge);
  for (const name of conditions) {
    const what = lostConditions[name];
    if (what !== undefined) lose(`Gateway API has no name for ${name}: ${what} may not be retried.`);
  }
  // the definition of HTTPRouteRetry: "connection errors (disconnect, reset, timeout, TCP failure)"
  lose(
    'Where retries are on, implementations should also retry when a connection breaks or times out, by the definition of the API: a POST that a service has seen may be sent again.',
  );
  if (conditions.includes('5xx')) {
    lose('Of 5xx the codes 500, 502, 503 and 504 are written, which every implementation knows.');
  }
  const implied = always.filter((name) => !conditions.includes(name));
  if (implied.length > 0 && !conditions.includes('5xx')) {
    lose(`Where retries are on, Gateway API also retries ${implied.join(' and ')}.`);
  }
  if (hasTwoRoutes(edge) && !conditions.some((name) => always.includes(name))) {
    lose('Other methods than GET are retried too, where the callee did not process them.');
  }
}

/** Two services that call one: Gateway API has one set of rules for all who call. */
function loseCaller(first: CallEdge, other: CallEdge, { policies }: InEffect, losses: Losses): void {
  const [written, own] = [policyOf(policies, first), policyOf(policies, other)];
  const why = `All who call ${first.callee} have one route: that of ${first.caller} is written.`;
  for (const name of ['tries', 'timeout_ms', 'per_try_timeout_ms', 'retry_on', 'back_off_base_ms']) {
    if (fieldValue(written, name) !== fieldValue(own, name)) losses.field(name, why, other);
  }
}
