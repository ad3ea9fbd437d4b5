/** Which replicas of a service are asked: each caller's Envoy looks at each, and leaves out one that is not ready. */
import { callerHeader, type Identity, replicaCheck, type ServiceName } from '@microshop/topology';
import { setHeader } from './headers.ts';
import { duration, type JsonObject, typed } from './json.ts';

/**
 * The `health_checks` entry of a cluster with several replicas: the readiness of the app, over the same connection and
 * under the same name as any call. When more than half of the replicas are left out, all are asked (Envoy's
 * panic threshold).
 */
export function checkReplicas(service: ServiceName, own: Identity): JsonObject {
  return {
    interval: duration(replicaCheck.intervalMs),
    // also before the first request: Envoy would check once a minute
    no_traffic_interval: duration(replicaCheck.intervalMs),
    unhealthy_interval: duration(replicaCheck.unhealthyIntervalMs),
    timeout: duration(replicaCheck.timeoutMs),
    unhealthy_threshold: replicaCheck.unhealthyThreshold,
    healthy_threshold: 1,
    tls_options: { alpn_protocols: ['h2'] },
    http_health_check: {
      path: replicaCheck.path,
      host: service,
      codec_client_type: 'HTTP2',
      request_headers_to_add: [setHeader(callerHeader, own)],
    },
  };
}

/** HTTP filter of an inbound listener that passes the checks on to the app and keeps them out of traces, logs and counts. */
export function passHealthChecks(): JsonObject {
  return {
    name: 'envoy.filters.http.health_check',
    typed_config: typed('envoy.extensions.filters.http.health_check.v3.HealthCheck', {
      pass_through_mode: true,
      headers: [{ name: ':path', string_match: { exact: replicaCheck.path } }],
    }),
  };
}
