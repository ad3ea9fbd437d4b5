/** What every Envoy of the mesh has besides its listeners: admin, runtime, statistics, its own log. */
import type { Admin } from './admin.ts';
import type { JsonObject } from './json.ts';
import { durationBucketsMs, traceFlushIntervalMs, traceFlushSpans } from './limits.ts';

/** A whole Envoy configuration, ready to be written. */
export type EnvoyBootstrap = {
  readonly node: JsonObject;
  readonly admin: JsonObject;
  readonly layered_runtime: JsonObject;
  readonly overload_manager?: JsonObject;
  readonly stats_config: JsonObject;
  readonly application_log_config: JsonObject;
  readonly static_resources: {
    readonly listeners: readonly JsonObject[];
    readonly clusters: readonly JsonObject[];
  };
};

/** What differs between Envoys. */
export interface BootstrapOptions {
  /** Name of the part; `node.id`. */
  readonly part: string;
  /** Name all its replicas share; `node.cluster`. */
  readonly cluster: string;
  readonly admin: Admin;
  readonly listeners: readonly JsonObject[];
  readonly clusters: readonly JsonObject[];
  /** What is done when it has too much to do; nothing when absent. */
  readonly overload?: JsonObject;
}

/** Puts a configuration together. */
export function bootstrap(options: BootstrapOptions): EnvoyBootstrap {
  return {
    node: { id: options.part, cluster: options.cluster },
    admin: options.admin.admin,
    ...(options.overload === undefined ? {} : { overload_manager: options.overload }),
    layered_runtime: {
      layers: [
        {
          name: 'static',
          static_layer: {
            'tracing.opentelemetry.flush_interval_ms': traceFlushIntervalMs,
            'tracing.opentelemetry.min_flush_spans': traceFlushSpans,
          },
        },
      ],
    },
    stats_config: {
      histogram_bucket_settings: [
        { match: { safe_regex: { regex: '.*(rq_time|_ms)$' } }, buckets: durationBucketsMs },
      ],
    },
    application_log_config: {
      log_format: {
        json_format: {
          time: '%Y-%m-%dT%T.%eZ',
          level: '%l',
          service: options.cluster,
          part: options.part,
          logger: '%n',
          msg: '%j',
        },
      },
    },
    static_resources: {
      listeners: [...options.admin.listeners, ...options.listeners],
      clusters: [...options.admin.clusters, ...options.clusters],
    },
  };
}
