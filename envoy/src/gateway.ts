/** The gateway: the only way in. It starts the trace and the clock of every request. */
import {
  callerHeader,
  deadlineHeaders,
  gatewayParserLimits,
  type MeshPolicies,
  type Placement,
  placeOrderObjective,
  policyOf,
  publicKeys,
  requestDeadlineMs,
  type Service,
  serviceNamed,
  services,
  subjectHeaders,
  topologyPolicies,
} from '@microshop/topology';
import { adminOf } from './admin.ts';
import { bootstrap, type EnvoyBootstrap } from './bootstrap.ts';
import { clientRateLimit } from './client-limit.ts';
import { collector, serviceCluster } from './clusters.ts';
import { listenerConfig } from './connection-manager.ts';
import { preflightFilters, preflightRoutes, readableFor } from './cors.ts';
import { authorizeClients, signingKeysCluster, verifyTokens } from './edge-auth.ts';
import { acceptClients, redirectRoutes, strictTransport } from './edge-tls.ts';
import { betweenEnvoys, setHeader } from './headers.ts';
import { duration, type JsonObject } from './json.ts';
import { gatewayListener } from './listener.ts';
import { methodRefusals } from './method-refusals.ts';
import { overloadManager } from './overload.ts';
import { rateLimit, routeRateLimit } from './rate-limit.ts';
import { answered, bodyLimit, headLimit, refusals } from './refusals.ts';
import { retryPolicy } from './retries.ts';

/** Headers with a meaning inside the mesh: nobody outside may set them. The gateway makes its own. */
const outsideHeaders = [
  'traceparent',
  'tracestate',
  'baggage',
  'b3',
  'x-b3-*',
  'x-client-trace-id',
  'x-request-id',
  deadlineHeaders.start,
  deadlineHeaders.timeout,
  callerHeader,
  subjectHeaders.user,
  subjectHeaders.role,
  'x-envoy-*',
  'x-forwarded-*',
  'forwarded',
] as const;

/** Envoy's configuration of the gateway. */
export function gatewayConfig(
  placement: Placement,
  policies: MeshPolicies = topologyPolicies,
): EnvoyBootstrap {
  const listener = gatewayListener(placement);
  const usual = {
    removeHeaders: outsideHeaders,
    parserLimits: gatewayParserLimits,
    connectionManager: { use_remote_address: true },
  };
  return bootstrap({
    part: listener.part,
    cluster: listener.serviceName,
    admin: adminOf(
      placement,
      { host: placement.gateway.adminBind, port: placement.gateway.admin.port },
      false,
    ),
    listeners: [
      listenerConfig({
        ...usual,
        listener,
        routes: gatewayRoutes(policies, placement),
        ...(placement.edgeAuth
          ? { bind: placement.gateway.tls.listen, transportSocket: acceptClients() }
          : { bind: placement.gateway.listen }),
        filters: [
          ...(placement.edgeAuth ? [strictTransport()] : []),
          ...readableFor(placement.corsOrigins),
          headLimit(),
          ...preflightFilters(placement.corsOrigins),
          ...(placement.edgeAuth ? [verifyTokens(), clientRateLimit(), authorizeClients()] : []),
          // last: what one client is refused is taken from nobody else
          rateLimit(),
          bodyLimit(),
        ],
      }),
      ...(placement.edgeAuth
        ? [
            listenerConfig({
              ...usual,
              listener: gatewayListener(placement, 'plain'),
              bind: placement.gateway.listen,
              routes: redirectRoutes(placement),
              filters: [headLimit(), rateLimit()],
            }),
          ]
        : []),
    ],
    overload: overloadManager(),
    clusters: [
      ...services.map((service) =>
        serviceCluster(placement, service.name, 'gateway', policyTo(policies, service)),
      ),
      ...(placement.edgeAuth
        ? [signingKeysCluster(placement, policyTo(policies, serviceNamed(publicKeys.service)))]
        : []),
      collector(placement),
    ],
  });
}

function policyTo(policies: MeshPolicies, service: Service) {
  return policyOf(policies, { caller: 'gateway', callee: service.name });
}

/** Everything that the gateway answers or passes on; preflights of pages of those origins are answered, too. */
export function gatewayRoutes(
  policies: MeshPolicies,
  { edgeAuth, corsOrigins }: Pick<Placement, 'edgeAuth' | 'corsOrigins'>,
): JsonObject {
  return {
    virtual_hosts: [
      {
        name: 'shop',
        domains: ['*'],
        include_request_attempt_count: true,
        routes: [
          ...preflightRoutes(corsOrigins),
          ...methodRefusals(edgeAuth),
          ...refusals(),
          placeOrder(policies),
          ...services.flatMap((service) => [
            route(policies, service, service.route),
            route(policies, service, `/docs/${service.name}`),
          ]),
          answered('unmatched', { prefix: '/' }, 404),
        ],
      },
    ],
    request_headers_to_add: [
      // Milliseconds since the epoch: seconds, then their first three decimals.
      setHeader(deadlineHeaders.start, '%START_TIME(%s%3f)%'),
      setHeader(deadlineHeaders.timeout, String(requestDeadlineMs)),
      setHeader(callerHeader, 'gateway'),
    ],
    // whatever a client shows of itself is for the gateway alone
    request_headers_to_remove: ['authorization'],
    response_headers_to_remove: betweenEnvoys,
  };
}

/** Orders being placed, apart from all else that is asked of the service: counted by themselves for their objective. */
function placeOrder(policies: MeshPolicies): JsonObject {
  const orders = serviceNamed('orders');
  return {
    ...route(policies, orders, orders.route),
    match: {
      path_separated_prefix: orders.route,
      headers: [{ name: ':method', string_match: { exact: 'POST' } }],
    },
    stat_prefix: placeOrderObjective.stat,
  };
}

/** The path and all below it; a trailing slash goes on to the service, which accepts it. */
function route(policies: MeshPolicies, service: Service, path: string): JsonObject {
  const policy = policyTo(policies, service);
  return {
    name: path,
    match: { path_separated_prefix: path },
    route: {
      cluster: service.name,
      timeout: duration(policy.timeoutMs),
      retry_policy: retryPolicy(policy),
    },
    ...routeRateLimit(policy),
  };
}
