/** Upstream clusters: where calls go, how many may be under way, when a replica is left out. */
import {
  type Address,
  type CallPolicy,
  type Identity,
  maxBodyBytes,
  type Placement,
  podsOf,
  type ServiceName,
} from '@microshop/topology';
import { checkReplicas } from './health-checks.ts';
import { duration, type JsonObject, typed } from './json.ts';
import {
  connectTimeoutMs,
  http2Limits,
  nameRefreshMs,
  pingIntervalMs,
  pingTimeoutMs,
  upstreamConnectionLifetimeMs,
  upstreamIdleTimeoutMs,
} from './limits.ts';
import { callMesh } from './mutual-tls.ts';
import { collectorCluster } from './tracing.ts';

/** A cluster apart from that of calls to the same service: its name, and filters that its requests pass last. */
export interface ApartCluster {
  readonly name: string;
  readonly filters: readonly JsonObject[];
}

/**
 * The pods of a service, through their inbound listeners, called by an Envoy of that identity under that policy. The
 * cluster bears the service's name, unless it is one apart.
 */
export function serviceCluster(
  placement: Placement,
  service: ServiceName,
  own: Identity,
  policy: CallPolicy,
  { name, filters }: ApartCluster = { name: service, filters: [] },
): JsonObject {
  const pods = podsOf(placement, service);
  // on Kubernetes the name resolves to any number of pods
  const several = pods.length > 1 || placement.mode === 'kubernetes';
  return {
    ...cluster(
      name,
      pods.map((pod) => pod.inbound),
      discovery(placement),
    ),
    ...httpProtocol(
      meshHttp2(policy),
      { max_connection_duration: duration(upstreamConnectionLifetimeMs) },
      filters,
    ),
    transport_socket: callMesh(own, service),
    circuit_breakers: { thresholds: [{ track_remaining: true, ...thresholds(policy) }] },
    ...(several
      ? { outlier_detection: outlierDetection(policy), health_checks: [checkReplicas(service, own)] }
      : {}),
  };
}

/** The app of a pod, for its own sidecar. The address is the pod's own: there is no name to resolve in either mode. */
export function appCluster(address: Address): JsonObject {
  return {
    ...cluster('app', [address], { type: 'STATIC' }),
    ...httpProtocol({ http_protocol_options: {} }),
    circuit_breakers: { thresholds: [{ track_remaining: true }] },
  };
}

/** The collector of spans. */
export function collector(placement: Placement): JsonObject {
  return {
    ...cluster(collectorCluster, [placement.jaeger.otlpGrpc], discovery(placement)),
    ...httpProtocol({ http2_protocol_options: {} }),
  };
}

function discovery(placement: Placement): JsonObject {
  return placement.mode === 'native' ? { type: 'STATIC' } : { cluster_type: byName };
}

/** Every address the name resolves to is an endpoint; asked again often, as a container may come back elsewhere. */
const byName: JsonObject = {
  name: 'envoy.clusters.dns',
  typed_config: typed('envoy.extensions.clusters.dns.v3.DnsCluster', {
    dns_lookup_family: 'V4_ONLY',
    dns_refresh_rate: duration(nameRefreshMs),
    dns_failure_refresh_rate: { base_interval: '0.5s', max_interval: '2s' },
  }),
};

function cluster(name: string, addresses: readonly Address[], discovery: JsonObject): JsonObject {
  return {
    name,
    ...discovery,
    connect_timeout: duration(connectTimeoutMs),
    per_connection_buffer_limit_bytes: maxBodyBytes,
    load_assignment: {
      cluster_name: name,
      endpoints: [
        { lb_endpoints: addresses.map((address) => ({ endpoint: { address: socketAddress(address) } })) },
      ],
    },
  };
}

/** An address as Envoy writes it. */
export function socketAddress(address: Address): JsonObject {
  return { socket_address: { address: address.host, port_value: address.port } };
}

/**
 * Between pods many requests share one connection: a burst needs no burst of handshakes. A connection on which nothing
 * comes back any more is found by its pings; time-outs of requests alone would not close it.
 */
function meshHttp2({ limits }: CallPolicy): JsonObject {
  return {
    http2_protocol_options: {
      ...http2Limits,
      max_concurrent_streams: limits.maxStreams,
      connection_keepalive: { interval: duration(pingIntervalMs), timeout: duration(pingTimeoutMs) },
    },
  };
}

function httpProtocol(
  protocol: JsonObject,
  connection: JsonObject = {},
  filters: readonly JsonObject[] = [],
): JsonObject {
  return {
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': typed(
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        {
          common_http_protocol_options: { idle_timeout: duration(upstreamIdleTimeoutMs), ...connection },
          explicit_http_config: protocol,
          ...(filters.length === 0 ? {} : { http_filters: filters }),
        },
      ),
    },
  };
}

function thresholds({ limits, retryBudget }: CallPolicy): JsonObject {
  return {
    max_connections: limits.maxConnections,
    max_pending_requests: limits.maxPendingRequests,
    max_requests: limits.maxRequests,
    retry_budget: {
      budget_percent: { value: retryBudget.percent },
      min_retry_concurrency: retryBudget.minRetryConcurrency,
    },
  };
}

/** Leaves a failing replica out, for the same time each time: never more than the policy's share of them. */
export function outlierDetection({ outlierDetection: policy }: CallPolicy): JsonObject {
  const ejection = duration(policy.ejectionMs);
  return {
    interval: duration(policy.intervalMs),
    base_ejection_time: ejection,
    max_ejection_time: ejection,
    max_ejection_percent: policy.maxEjectionPercent,
    consecutive_5xx: policy.consecutive5xx,
    // a replica that is ready but fails stays ejected for its time
    successful_active_health_check_uneject_host: false,
  };
}
