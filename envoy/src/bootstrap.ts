/** What every Envoy of the mesh has besides its listeners: admin, runtime, statistics, its own log. */
import type { Address } from '@microshop/topology';
import { socketAddress } from './clusters.ts';
import type { Json, JsonObject } from './json.ts';
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
  /** Where admin binds. */
  readonly admin: Address;
  readonly listeners: readonly JsonObject[];
  readonly clusters: readonly JsonObject[];
  /** What is done when it has too much to do; nothing when absent. */
  readonly overload?: JsonObject;
}

/** Admin paths that only read. Everything else is refused, among them all that change something. */
const adminPaths = [
  '/stats',
  '/stats/prometheus',
  '/ready',
  '/clusters',
  '/config_dump',
  '/runtime',
] as const;

/** Puts a configuration together. */
export function bootstrap(options: BootstrapOptions): EnvoyBootstrap {
  return {
    node: { id: options.part, cluster: options.cluster },
    admin: {
      address: socketAddress(options.admin),
      allow_paths: adminPaths.map(allowedPath),
      // whoever looks at it gets in also when clients hold all connections there may be
      ignore_global_conn_limit: true,
    },
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
    static_resources: { listeners: options.listeners, clusters: options.clusters },
  };
}

/** Exactly that path, with or without a query: a prefix `/runtime` would open `/runtime_modify`. */
function allowedPath(path: string): Json {
  return { safe_regex: { regex: `${path}(\\?.*)?` } };
}
