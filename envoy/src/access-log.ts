/** One JSON line per request on standard output. */
import { callerHeader } from '@microshop/topology';
import { type JsonObject, typed } from './json.ts';
import type { Listener } from './listener.ts';
import { tellableAddress } from './tellable.ts';

/**
 * Fields of an access-log line and the Envoy command each is filled by. What is absent from a request is left out of its
 * line, and what tells nothing new at a hop is not asked for there: an order writes eight of these lines.
 */
export function accessLogFields(listener: Listener): JsonObject {
  return {
    time: '%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%',
    level: 'info',
    service: listener.serviceName,
    // each replica of a sidecar has its own name
    ...(listener.part === listener.serviceName ? {} : { part: listener.part }),
    direction: listener.direction,
    msg: 'request',
    trace_id: '%TRACE_ID%',
    span_id: '%SPAN_ID%',
    method: '%REQ(:method)%',
    path: tellableAddress,
    status: '%RESPONSE_CODE%',
    response_flags: '%RESPONSE_FLAGS%',
    duration_ms: '%DURATION%',
    // Time until the callee's first byte: what is left of the duration is the answer's way back.
    upstream_ms: '%RESPONSE_DURATION%',
    response_code_details: '%RESPONSE_CODE_DETAILS%',
    upstream_host: '%UPSTREAM_HOST%',
    upstream_failure: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
    // Tries this Envoy made.
    attempts: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
    bytes_received: '%BYTES_RECEIVED%',
    bytes_sent: '%BYTES_SENT%',
    ...fieldsOf[listener.direction],
  };
}

/** Where several callees can be meant: which it was. */
const towardsCallee = { route: '%ROUTE_NAME%', upstream_cluster: '%UPSTREAM_CLUSTER_RAW%' };

/** The client and its request id: they are the same for all hops behind the gateway. */
const ofClient = {
  ...towardsCallee,
  request_id: '%REQ(x-request-id)%',
  protocol: '%PROTOCOL%',
  client_address: '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%',
};

/** What only lines of that direction tell. */
const fieldsOf: Readonly<Record<Listener['direction'], JsonObject>> = {
  edge: ofClient,
  plain: ofClient,
  // the caller: the name it gives, the name in its certificate, and the number of its attempt
  inbound: {
    caller: `%REQ(${callerHeader})%`,
    caller_identity: '%DOWNSTREAM_PEER_URI_SAN%',
    caller_attempt: '%REQ(x-envoy-attempt-count)%',
  },
  // the caller's app names the peer in Host; from outside it can be any text.
  outbound: { host: '%REQ(:authority)%', ...towardsCallee },
};

/** The `access_log` entry of a connection manager. */
export function accessLog(listener: Listener): JsonObject {
  return {
    name: 'envoy.access_loggers.stdout',
    // callers check each replica once a second
    ...(listener.direction === 'inbound' ? { filter: { not_health_check_filter: {} } } : {}),
    typed_config: typed('envoy.extensions.access_loggers.stream.v3.StdoutAccessLog', {
      log_format: { omit_empty_values: true, json_format: accessLogFields(listener) },
    }),
  };
}
