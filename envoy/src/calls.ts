/**
 * The calls of the mesh as plain Envoy configuration, for an Envoy that somebody else runs: routes and clusters are those that
 * the gateway and the sidecars have. What they have besides (faults, who may call, traces, logs) is no part of a call.
 */
import {
  breakerServices,
  callEdges,
  composePlacement,
  type Identity,
  type MeshPolicies,
  podPorts,
  policyOf,
  serviceNamed,
} from '@microshop/topology';
import { outlierDetection, serviceCluster, socketAddress } from './clusters.ts';
import { router } from './connection-manager.ts';
import { gatewayRoutes } from './gateway.ts';
import { type JsonObject, typed } from './json.ts';
import { outboundManager, outboundRoutes } from './sidecar.ts';

/** Services are found by their names, which may stand for several replicas. */
const placement = composePlacement();

/** Where the caller's Envoy takes its calls; for the caller alone. */
const own = { host: '127.0.0.1', port: podPorts.outbound };

/** The configuration of each caller's Envoy, by the caller: a listener with its routes, and a cluster for each callee. */
export function callConfigs(policies: MeshPolicies): ReadonlyMap<Identity, JsonObject> {
  const ofServices = breakerServices.map(
    (caller) => [caller, config(caller, outboundRoutes(serviceNamed(caller), policies), policies)] as const,
  );
  return new Map<Identity, JsonObject>([
    ['gateway', config('gateway', gatewayRoutes(policies, placement), policies)],
    ...ofServices,
  ]);
}

function config(caller: Identity, routes: JsonObject, policies: MeshPolicies): JsonObject {
  const name = `${caller}-calls`;
  const connectionManager = {
    stat_prefix: name,
    ...(caller === 'gateway' ? { use_remote_address: true } : outboundManager),
    route_config: { name, ...routes },
    http_filters: [router()],
  };
  return {
    node: { id: name, cluster: caller },
    static_resources: {
      listeners: [
        {
          name,
          address: socketAddress(caller === 'gateway' ? placement.gateway.listen : own),
          filter_chains: [
            {
              filters: [
                {
                  name: 'envoy.filters.network.http_connection_manager',
                  typed_config: typed(
                    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                    connectionManager,
                  ),
                },
              ],
            },
          ],
        },
      ],
      clusters: callEdges
        .filter((edge) => edge.caller === caller)
        .map((edge) => {
          const policy = policyOf(policies, edge);
          return {
            ...serviceCluster(placement, edge.callee, caller, policy),
            // a name here may stand for several replicas
            outlier_detection: outlierDetection(policy),
          };
        }),
    },
  };
}
