/** Tracing to the collector over OTLP/gRPC: every request, a span per listener and one per attempt at a peer. */
import { attributes, callerHeader } from '@microshop/topology';
import { type Json, type JsonObject, typed } from './json.ts';
import { type Direction, fromOutside, type Listener } from './listener.ts';
import { tellablePath } from './tellable.ts';

/** Cluster the spans are sent to. */
export const collectorCluster = 'otlp';

/** Names of the listeners' spans. Route names, not paths: metrics are made of them. */
const spanNames: Readonly<Record<Direction, string>> = {
  edge: '%REQ(:method)% %ROUTE_NAME%',
  plain: '%REQ(:method)% %ROUTE_NAME%',
  inbound: 'inbound %REQ(:method)% %ROUTE_NAME%',
  outbound: 'outbound %REQ(:method)% %ROUTE_NAME%',
};

/**
 * Spans of single tries. An inbound listener makes one, at the app beside it, and has no span of it: its own has all there
 * is to say. What is redirected is passed on to nobody.
 */
const attempts: Readonly<Record<Direction, JsonObject>> = {
  edge: { spawn_upstream_span: true, upstream_operation: 'to %UPSTREAM_CLUSTER_RAW%' },
  plain: { spawn_upstream_span: false },
  inbound: { spawn_upstream_span: false },
  outbound: {
    spawn_upstream_span: true,
    upstream_operation: 'try %REQ(x-envoy-attempt-count)% of %UPSTREAM_CLUSTER_RAW%',
  },
};

/** The `tracing` block of a connection manager. */
export function tracing(listener: Listener): JsonObject {
  return {
    // Below 100 Envoy would clear the caller's sampled flag.
    random_sampling: { value: 100 },
    ...attempts[listener.direction],
    // Envoy's own `http.url` would hold path and query as the client sent them.
    max_path_tag_length: 0,
    operation: spanNames[listener.direction],
    custom_tags: customTags(listener),
    provider: {
      name: 'envoy.tracers.opentelemetry',
      typed_config: typed('envoy.config.trace.v3.OpenTelemetryConfig', {
        grpc_service: { envoy_grpc: { cluster_name: collectorCluster }, timeout: '5s' },
        service_name: listener.serviceName,
        resource_detectors: [resource(listener)],
        sampler: {
          name: 'envoy.tracers.opentelemetry.samplers.parent_based',
          typed_config: typed('envoy.extensions.tracers.opentelemetry.samplers.v3.ParentBasedSamplerConfig', {
            wrapped_sampler: {
              name: 'envoy.tracers.opentelemetry.samplers.always_on',
              typed_config: typed('envoy.extensions.tracers.opentelemetry.samplers.v3.AlwaysOnSamplerConfig'),
            },
          }),
        },
      }),
    },
  };
}

/** Which process it is, and where. Pods share one configuration: on Kubernetes it stands in `OTEL_RESOURCE_ATTRIBUTES`. */
function resource({ mode, part }: Listener): JsonObject {
  const name = 'envoy.tracers.opentelemetry.resource_detectors';
  const type = 'envoy.extensions.tracers.opentelemetry.resource_detectors.v3';
  if (mode === 'kubernetes') {
    return { name: `${name}.environment`, typed_config: typed(`${type}.EnvironmentResourceDetectorConfig`) };
  }
  return {
    name: `${name}.static_config`,
    typed_config: typed(`${type}.StaticConfigResourceDetectorConfig`, {
      attributes: { 'service.instance.id': part, 'deployment.environment.name': mode },
    }),
  };
}

function customTags(listener: Listener): Json {
  const text = (tag: string, value: string): JsonObject => ({ tag, value });
  const count = (tag: string, value: string): JsonObject => ({ tag, value, value_type: 'INT' });
  return [
    { tag: attributes.direction, literal: { value: listener.direction } },
    ...(listener.direction === 'inbound'
      ? [
          text(attributes.caller, `%REQ(${callerHeader})%`),
          // whether the app has answered: there is no span of the one attempt at it
          text('response_code_details', '%RESPONSE_CODE_DETAILS%'),
        ]
      : [text(attributes.peer, '%UPSTREAM_CLUSTER_RAW%')]),
    count(attributes.attempt, '%REQ(x-envoy-attempt-count)%'),
    // Envoy writes older names (`http.method`), and none of these on the spans of attempts. The status stays under its
    // old name, `http.status_code`: as a custom tag it would be 0 on an attempt that was retried.
    text('http.request.method', '%REQ(:method)%'),
    // An expression with regular expressions, evaluated for each span: behind the gateway the app's own span says the same.
    ...(fromOutside(listener) ? [text('url.path', tellablePath)] : []),
  ];
}
