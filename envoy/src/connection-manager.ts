/** The listener and the HTTP connection manager all listeners share. */
import { type Address, maxBodyBytes } from '@microshop/topology';
import { accessLog } from './access-log.ts';
import { socketAddress } from './clusters.ts';
import { beforeTracing, tellTrace } from './headers.ts';
import { duration, type JsonObject, typed } from './json.ts';
import {
  downstreamIdleTimeoutMs,
  http2Limits,
  requestHeadersTimeoutMs,
  requestTimeoutMs,
  streamIdleTimeoutMs,
} from './limits.ts';
import type { Listener } from './listener.ts';
import { localReplies } from './local-reply.ts';
import { tracing } from './tracing.ts';

/** What differs between listeners. */
export interface ListenerOptions {
  readonly listener: Listener;
  readonly bind: Address;
  readonly routes: JsonObject;
  /** Headers removed before anything reads the request; a trailing `*` removes by prefix. */
  readonly removeHeaders?: readonly string[];
  /** Transport socket; plain TCP when absent. */
  readonly transportSocket?: JsonObject;
  /** Filters in front of the router. */
  readonly filters?: readonly JsonObject[];
  /** The head of a request that the parser takes. */
  readonly parserLimits: { readonly headers: number; readonly kilobytes: number };
  /** Further fields of the connection manager. */
  readonly connectionManager?: JsonObject;
}

/** A listener with one HTTP connection manager. */
export function listenerConfig(options: ListenerOptions): JsonObject {
  const { listener } = options;
  return {
    name: listener.direction,
    // draining inbound keeps outbound open for the requests under way
    ...(listener.direction === 'outbound' ? {} : { traffic_direction: 'INBOUND' }),
    address: socketAddress(options.bind),
    // With it a second Envoy could take the same port and half of the connections, unnoticed.
    enable_reuse_port: false,
    per_connection_buffer_limit_bytes: maxBodyBytes,
    filter_chains: [
      {
        filters: [
          {
            name: 'envoy.filters.network.http_connection_manager',
            typed_config: typed(
              'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
              connectionManager(options),
            ),
          },
        ],
        ...(options.transportSocket === undefined ? {} : { transport_socket: options.transportSocket }),
      },
    ],
  };
}

function connectionManager(options: ListenerOptions): JsonObject {
  const { listener } = options;
  return {
    stat_prefix: listener.direction,
    codec_type: 'AUTO',
    early_header_mutation_extensions: [beforeTracing(options.removeHeaders ?? [])],
    tracing: tracing(listener),
    access_log: [accessLog(listener)],
    local_reply_config: localReplies(listener),
    request_id_extension: {
      // Whether a request is traced is up to its trace context; an id that is no UUID would switch tracing off.
      typed_config: typed('envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig', {
        pack_trace_reason: false,
        use_request_id_for_trace_sampling: false,
      }),
    },
    // The header describes a caller's certificate: no client may send it, and nothing here reads it.
    forward_client_cert_details: 'SANITIZE',
    normalize_path: true,
    merge_slashes: true,
    request_headers_timeout: duration(requestHeadersTimeoutMs),
    request_timeout: duration(requestTimeoutMs),
    stream_idle_timeout: duration(streamIdleTimeoutMs),
    max_request_headers_kb: options.parserLimits.kilobytes,
    common_http_protocol_options: {
      max_headers_count: options.parserLimits.headers,
      idle_timeout: duration(downstreamIdleTimeoutMs),
      // Some frameworks read `a_b` and `a-b` as one header: nobody may smuggle one of ours that way.
      headers_with_underscores_action: 'DROP_HEADER',
    },
    http2_protocol_options: http2Limits,
    ...options.connectionManager,
    route_config: { name: listener.direction, ...options.routes },
    http_filters: [tellTrace(), ...(options.filters ?? []), router()],
  };
}

/** The last filter of every listener. */
export function router(): JsonObject {
  return {
    name: 'envoy.filters.http.router',
    typed_config: typed('envoy.extensions.filters.http.router.v3.Router', { suppress_envoy_headers: true }),
  };
}
