/** One JSON line per request on standard output. */
import { callerHeader } from '@microshop/topology';
import type { Hop } from './hop.ts';
import { type JsonObject, typed } from './json.ts';
import { tellableAddress } from './tellable.ts';

/** Fields of an access-log line and the Envoy command each is filled by. Absent values are `null`. */
export function accessLogFields(hop: Hop): JsonObject {
  return {
    time: '%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%',
    level: 'info',
    service: hop.serviceName,
    part: hop.part,
    direction: hop.direction,
    msg: 'request',
    trace_id: '%TRACE_ID%',
    span_id: '%SPAN_ID%',
    request_id: '%REQ(x-request-id)%',
    method: '%REQ(:method)%',
    // The caller's app names the peer in it; what comes from outside is anybody's text.
    host: hop.direction === 'outbound' ? '%REQ(:authority)%' : null,
    path: tellableAddress,
    route: '%ROUTE_NAME%',
    caller: `%REQ(${callerHeader})%`,
    // Who the caller is by its certificate; only inbound listeners ask for one.
    caller_identity: '%DOWNSTREAM_PEER_URI_SAN%',
    status: '%RESPONSE_CODE%',
    response_flags: '%RESPONSE_FLAGS%',
    response_code_details: '%RESPONSE_CODE_DETAILS%',
    duration_ms: '%DURATION%',
    // Time until the callee's first byte: what is left of the duration is the answer's way back.
    upstream_ms: '%RESPONSE_DURATION%',
    upstream_cluster: '%UPSTREAM_CLUSTER_RAW%',
    upstream_host: '%UPSTREAM_HOST%',
    upstream_failure: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
    // Tries this Envoy made, and which try of its caller the request was.
    attempts: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
    caller_attempt: hop.direction === 'inbound' ? '%REQ(x-envoy-attempt-count)%' : null,
    bytes_received: '%BYTES_RECEIVED%',
    bytes_sent: '%BYTES_SENT%',
    protocol: '%PROTOCOL%',
    client_address: '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%',
  };
}

/** The `access_log` entry of a connection manager. */
export function accessLog(hop: Hop): JsonObject {
  return {
    name: 'envoy.access_loggers.stdout',
    typed_config: typed('envoy.extensions.access_loggers.stream.v3.StdoutAccessLog', {
      log_format: { json_format: accessLogFields(hop) },
    }),
  };
}
