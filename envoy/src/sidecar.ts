/** A sidecar: the way in to its app (inbound) and the app's way out to its peers (outbound). */
import {
  type CallPolicy,
  callerHeader,
  type MeshPolicies,
  type Placement,
  type Pod,
  podPorts,
  policyOf,
  replicaCheck,
  type Service,
  type ServiceName,
  serviceNamed,
  sidecarParserLimits,
  topologyPolicies,
  unseenHeader,
} from '@microshop/topology';
import { adminOf } from './admin.ts';
import { authorizeCallers } from './authorization.ts';
import { bootstrap, type EnvoyBootstrap } from './bootstrap.ts';
import { appCluster, collector, serviceCluster } from './clusters.ts';
import { listenerConfig } from './connection-manager.ts';
import { faultFilters, withFaults, withoutFaults } from './fault-filters.ts';
import { betweenEnvoys, setHeader } from './headers.ts';
import { passHealthChecks } from './health-checks.ts';
import { duration, type JsonObject } from './json.ts';
import { sidecarListener } from './listener.ts';
import { acceptMesh } from './mutual-tls.ts';
import { retryPolicy, retryUnseen } from './retries.ts';

/** Envoy's configuration of a pod's sidecar. */
export function sidecarConfig(
  placement: Placement,
  pod: Pod,
  policies: MeshPolicies = topologyPolicies,
): EnvoyBootstrap {
  const service = serviceNamed(pod.service);
  const inbound = sidecarListener(placement, pod, 'inbound');
  const outbound = sidecarListener(placement, pod, 'outbound');
  return bootstrap({
    part: inbound.part,
    cluster: inbound.serviceName,
    admin: adminOf(placement, { host: pod.adminBind, port: pod.admin.port }, true),
    listeners: [
      listenerConfig({
        listener: inbound,
        bind: { host: pod.inboundBind, port: podPorts.inbound },
        transportSocket: acceptMesh(service.name),
        // a caller without permission is refused before a fault is applied
        filters: [authorizeCallers(service.name), passHealthChecks(), ...faultFilters(service.name)],
        routes: inboundRoutes(service),
        parserLimits: sidecarParserLimits,
        connectionManager: mesh,
      }),
      listenerConfig({
        listener: outbound,
        bind: { host: pod.localBind, port: podPorts.outbound },
        routes: outboundRoutes(service, policies),
        parserLimits: sidecarParserLimits,
        connectionManager: outboundManager,
      }),
    ],
    clusters: [
      appCluster({ host: pod.localBind, port: podPorts.app }),
      ...service.calls.map((callee) =>
        serviceCluster(placement, callee, service.name, policyOf(policies, { caller: service.name, callee })),
      ),
      collector(placement),
    ],
  });
}

/**
 * Between parts of the mesh the client's address in `x-forwarded-for` is the one the gateway wrote. Envoy trusts no
 * address here to set its own headers, so an app cannot ask for other attempts or timeouts.
 */
const mesh: JsonObject = { use_remote_address: false, skip_xff_append: true };

/** The same for calls out; a callee is known by its name alone. */
export const outboundManager: JsonObject = { ...mesh, strip_any_host_port: true };

/** Everything goes to the app; the routes only give the spans their names. */
function inboundRoutes(service: Service): JsonObject {
  // The caller gives up first and ends the stream; a limit of its own here would race with the caller's.
  const toApp = { route: { cluster: 'app', timeout: '0s' } };
  return {
    virtual_hosts: [
      {
        name: service.name,
        domains: ['*'],
        routes: [
          // health checks are not affected by faults
          withoutFaults({ name: 'health', match: { path: replicaCheck.path }, ...toApp }),
          ...withFaults(service.name, [
            { name: service.route, match: { path_separated_prefix: service.route }, ...toApp },
            { name: 'other', match: { prefix: '/' }, ...toApp },
          ]),
        ],
      },
    ],
    // an app that answers has seen the request, whatever the status
    response_headers_to_remove: [unseenHeader],
  };
}

/** A virtual host per callee the topology allows; any other name is refused. */
export function outboundRoutes(service: Service, policies: MeshPolicies): JsonObject {
  const policyTo = (callee: ServiceName) => policyOf(policies, { caller: service.name, callee });
  return {
    virtual_hosts: [
      ...service.calls.map((callee) => ({
        name: callee,
        domains: [callee],
        include_request_attempt_count: true,
        routes: [
          {
            name: callee,
            match: { prefix: '/', headers: [isGet] },
            route: { ...toCallee(callee, policyTo(callee)), retry_policy: retryPolicy(policyTo(callee)) },
          },
          {
            name: callee,
            match: { prefix: '/' },
            route: { ...toCallee(callee, policyTo(callee)), retry_policy: retryUnseen(policyTo(callee)) },
          },
        ],
      })),
      {
        name: 'refused',
        domains: ['*'],
        routes: [{ name: 'refused', match: { prefix: '/' }, direct_response: { status: 403 } }],
      },
    ],
    request_headers_to_add: [setHeader(callerHeader, service.name)],
    response_headers_to_remove: betweenEnvoys,
  };
}

const isGet: JsonObject = { name: ':method', string_match: { exact: 'GET' } };

function toCallee(callee: ServiceName, { timeoutMs }: CallPolicy): JsonObject {
  return { cluster: callee, timeout: duration(timeoutMs) };
}
