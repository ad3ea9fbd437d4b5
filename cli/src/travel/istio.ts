/**
 * The policies in effect as Istio's resources (API of Istio 1.32): a VirtualService for the routes to a service and a
 * DestinationRule for each call. `istio-security.ts` has who may call whom.
 */
import type { JsonObject } from '@microshop/envoy';
import {
  type CallEdge,
  type CallPolicy,
  callEdges,
  policyOf,
  type Service,
  services,
} from '@microshop/topology';
import { durationText } from '../output/values.ts';
import { type CallRoute, conditionsOf, hasTwoRoutes, mainRoute, otherRoute } from './call-routes.ts';
import type { Exported } from './exported.ts';
import { securityDocuments } from './istio-security.ts';
import {
  createLosses,
  type InEffect,
  type Losses,
  loseAppFields,
  loseDeadline,
  loseRateLimit,
} from './losses.ts';
import { assumptions, gatewayName, podLabel, podsOf } from './names.ts';

const networking = 'networking.istio.io/v1';

/** The longest back-off of Envoy when only the first is given: so many times that one. */
const usualBackOffGrowth = 10;

/** Fields that do not come through whole, whatever the others are. */
const lostFields: Readonly<Record<string, string>> = {
  ejection_ms:
    'Here a replica is left out for the same time each time. Istio multiplies it by how often it was left out.',
};

/** Everything in effect. */
export function istioExport(inEffect: InEffect, namespace: string): Exported {
  const { policies, faults } = inEffect;
  const losses = createLosses(inEffect);
  const of = (edge: CallEdge) => policyOf(policies, edge);
  for (const edge of callEdges) loseFields(edge, of(edge), losses);
  loseAppFields(inEffect, losses);
  loseDeadline(
    losses,
    'A request has a deadline that services pass on and keep to. Istio limits each call by itself: a service may start a call whose answer comes too late.',
  );
  losses.setting(
    'outlier_detection_with_one_replica',
    'Here a replica is left out only where there is another. Istio watches a single one, too.',
    callEdges,
  );
  for (const fault of faults) {
    losses.fault(
      fault,
      'Here a fault is at the callee, where retries, limits and breakers see it. Istio injects it at the caller, in place of the call, where it switches retries and limits off (./mesh fault list names it).',
    );
  }
  const metadata = (name: string): JsonObject => ({ name, namespace });
  const virtualServices = services.flatMap((service) => {
    const edges = callEdges.filter(({ caller, callee }) => caller !== 'gateway' && callee === service.name);
    if (edges.length === 0) return [];
    return [
      {
        says: `Calls to ${service.name}: limits and retries. GET has a route of its own.`,
        document: {
          apiVersion: networking,
          kind: 'VirtualService',
          metadata: metadata(service.name),
          spec: {
            hosts: [service.name],
            http: edges.flatMap((edge) => routesBetween(edge, of(edge))),
          },
        },
      },
    ];
  });
  return {
    documents: [
      {
        says: 'Requests from outside. Only what no service has seen is retried, so one route serves every method.',
        document: {
          apiVersion: networking,
          kind: 'VirtualService',
          metadata: metadata(gatewayName),
          spec: {
            hosts: ['*'],
            gateways: [gatewayName],
            http: services.map((service) =>
              routeFromOutside(service, of({ caller: 'gateway', callee: service.name })),
            ),
          },
        },
      },
      ...virtualServices,
      ...callEdges.map((edge) => ({
        says: `${edge.caller} → ${edge.callee}: how much may be under way, retries in a storm, and which replica is left out.`,
        document: {
          apiVersion: networking,
          kind: 'DestinationRule',
          metadata: metadata(`${edge.caller}-to-${edge.callee}`),
          spec: {
            host: edge.callee,
            workloadSelector: { matchLabels: podsOf(edge.caller) },
            trafficPolicy: trafficPolicy(of(edge)),
          },
        },
      })),
      ...securityDocuments(namespace),
    ],
    losses: losses.list,
    assumes: [
      ...assumptions(namespace),
      `Pods have the label ${podLabel} and a ServiceAccount, each with the name of their service; those of the gateway: ${gatewayName}.`,
    ],
  };
}

/** Routes of calls between two services, GET first. */
function routesBetween(edge: CallEdge, policy: CallPolicy): JsonObject[] {
  const { caller, callee } = edge;
  const source = { sourceLabels: podsOf(caller) };
  const destination = { destination: { host: callee } };
  const get = {
    name: `${caller}-get`,
    match: [{ ...source, method: { exact: 'GET' } }],
    route: [destination],
    ...routeFields(mainRoute(policy)),
  };
  const others = { name: caller, match: [source], route: [destination], ...routeFields(otherRoute(policy)) };
  return hasTwoRoutes(edge) ? [get, others] : [get];
}

/** The paths of a service behind the gateway. */
export function pathsOf({ name, route }: Service): string[] {
  return [route, `/docs/${name}`];
}

function routeFromOutside(service: Service, policy: CallPolicy): JsonObject {
  return {
    name: service.name,
    match: pathsOf(service).flatMap((path) => [{ uri: { exact: path } }, { uri: { prefix: `${path}/` } }]),
    route: [{ destination: { host: service.name } }],
    ...routeFields(mainRoute(policy)),
  };
}

/** `retries` says nothing else where there are none: Istio refuses that. Elsewhere it says all, for Istio's defaults differ. */
function routeFields({ timeoutMs, retries }: CallRoute): JsonObject {
  return {
    timeout: durationText(timeoutMs),
    retries:
      retries === null
        ? { attempts: 0 }
        : {
            attempts: retries.attempts,
            ...(retries.perTryTimeoutMs === null
              ? {}
              : { perTryTimeout: durationText(retries.perTryTimeoutMs) }),
            retryOn: retries.retryOn.join(','),
            backoff: durationText(retries.backOffMs),
          },
  };
}

/** Istio reads 0 as its own default, here and there. */
function leastConcurrency({ retryBudget }: CallPolicy): number {
  return Math.max(1, retryBudget.minRetryConcurrency);
}

function leastEjection({ outlierDetection }: CallPolicy): number {
  return Math.max(1, outlierDetection.maxEjectionPercent);
}

function trafficPolicy(policy: CallPolicy): JsonObject {
  const { limits, outlierDetection: outlier, retryBudget } = policy;
  return {
    connectionPool: {
      tcp: { maxConnections: limits.maxConnections },
      http: {
        http1MaxPendingRequests: limits.maxPendingRequests,
        http2MaxRequests: limits.maxRequests,
        maxConcurrentStreams: limits.maxStreams,
      },
    },
    retryBudget: { percent: retryBudget.percent, minRetryConcurrency: leastConcurrency(policy) },
    outlierDetection: {
      consecutive5xxErrors: outlier.consecutive5xx,
      interval: durationText(outlier.intervalMs),
      baseEjectionTime: durationText(outlier.ejectionMs),
      maxEjectionPercent: leastEjection(policy),
    },
    tls: { mode: 'ISTIO_MUTUAL' },
  };
}

function loseFields(edge: CallEdge, policy: CallPolicy, losses: Losses): void {
  const { tries, backOff, perTryTimeoutMs, timeoutMs, retryBudget, outlierDetection } = policy;
  if (tries > 1) {
    if (backOff.maxMs !== backOff.baseMs * usualBackOffGrowth) {
      losses.field(
        'back_off_max_ms',
        `Istio has only the first back-off; the longest is then ${usualBackOffGrowth} times that one, and all attempts together may take longer than here.`,
        edge,
      );
    }
    if (conditionsOf(policy).includes('retriable-headers')) {
      losses.field(
        'retry_on',
        'Istio cannot say which header of an answer allows a retry, so retriable-headers is written and does nothing.',
        edge,
      );
    }
  } else {
    for (const name of ['retry_on', 'back_off_base_ms', 'back_off_max_ms']) {
      losses.field(name, 'Nothing is retried, and Istio takes no other word about retries then.', edge);
    }
    if (perTryTimeoutMs !== null && perTryTimeoutMs < timeoutMs) {
      const kept = hasTwoRoutes(edge) ? 'per_try_timeout_ms' : 'per_try_timeout_ms, of every method,';
      losses.field(
        'timeout_ms',
        `With one attempt ${kept} is the limit of the whole call, and is written as that; nothing else changes.`,
        edge,
      );
    }
  }
  for (const [name, why] of Object.entries(lostFields)) losses.field(name, why, edge);
  if (retryBudget.minRetryConcurrency < leastConcurrency(policy)) {
    losses.field('min_retry_concurrency', 'Istio reads 0 as its default of 3, so 1 is written.', edge);
  }
  if (outlierDetection.maxEjectionPercent < leastEjection(policy)) {
    losses.field('max_ejection_percent', 'Istio reads 0 as its default of 10, so 1 is written.', edge);
  }
  loseRateLimit(losses, 'These resources have no limit on the rate of requests.', edge, policy);
}
