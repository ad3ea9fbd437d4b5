/**
 * Configuration of Jaeger v2, which is an OpenTelemetry Collector with storage and a query API:
 *
 *     traces:  otlp → batch → storage in memory, or on disk
 *                           → spanmetrics (rate, errors, duration of every span name)
 *     metrics: otlp (what the apps push), spanmetrics → batch → an exporter that Prometheus scrapes
 */
import { attributes, type Placement } from '@microshop/topology';
import { stringify } from 'yaml';

/**
 * Traces kept; the oldest goes first. Measured with traces of an order's shape (60 spans, ~15 attributes each): 140 MB
 * of resident memory per 1,000, 0.96 GB once the store is full and turning over (0.76 GB with `GOGC=50`). Traces of
 * reads are smaller, so this is the upper end.
 */
const maxTraces = 5_000;

/**
 * Time for which traces are kept on disk. Nothing else bounds them there: Badger has no limit of size. An order takes
 * about 32 KB (docs/reference/telemetry.md). Searches must look back at least as far (`control/src/trace/jaeger.ts`).
 */
const keptOnDisk = '24h';

/** Interval of spanmetrics, short enough that a fault shows while a person watches. */
const spanMetricsInterval = '3s';

/** Time after which the series of a process that no longer pushes disappear. */
const metricExpiration = '1m';

/** Distinct combinations of labels that spanmetrics keeps per process; further ones are counted together. */
const spanMetricsCardinality = 1000;

/** Histogram bounds of spanmetrics: from one SQL statement past the gateway's timeout of 4 s. */
const durationBucketsMs = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 750, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 5000,
];

/** Span attributes that become labels; each has a small known set of values. */
const dimensions = [
  'http.route',
  'http.response.status_code',
  'messaging.operation.type',
  attributes.peer,
  attributes.errorClass,
];

/**
 * Attributes that hold what a client wrote: Envoy puts its name of itself and its `Host` on every span and cannot be
 * configured not to. The conventions' `url.path` says what was asked for.
 */
const withheldAttributes = ['http.url', 'user_agent', 'user_agent.original'];

/**
 * Attributes that nothing reads: names of earlier conventions beside the current ones, and what an Envoy says of itself on every
 * span. A third of all attributes of an order; Jaeger keeps them for as long as the trace.
 */
const unreadAttributes = [
  // Envoy's, of which `http.request.method`, `shop.peer`, `url.path` and the span's own service say the same
  'component',
  'downstream_cluster',
  'http.method',
  'node_id',
  'upstream_cluster',
  'upstream_cluster.name',
  'zone',
  // amqplib's, of which `messaging.destination.name`, `messaging.message.id` and their like say the same
  'messaging.destination',
  'messaging.destination_kind',
  'messaging.message_id',
  'messaging.operation',
  'messaging.protocol',
  'messaging.protocol_version',
  'messaging.rabbitmq.routing_key',
  'messaging.url',
];

/** Where traces are kept: in memory, gone with the process, or in files below a directory. */
export type TraceStore = 'memory' | { readonly directory: string };

/**
 * The configuration file of Jaeger, YAML. On disk every attribute of every span is written into an index of its own: that
 * costs a quarter more CPU per order, so it is not the usual way (docs/reference/telemetry.md has the figures).
 */
export function jaegerConfig(placement: Placement, store: TraceStore = 'memory'): string {
  const { jaeger, prometheus } = placement;
  const bind = (port: number): string => `${jaeger.bind}:${port}`;
  return stringify({
    service: {
      extensions: ['jaeger_storage', 'jaeger_query', 'healthcheckv2'],
      pipelines: {
        traces: {
          receivers: ['otlp'],
          processors: ['attributes/withhold', 'batch'],
          exporters: ['jaeger_storage_exporter', 'spanmetrics'],
        },
        metrics: { receivers: ['otlp', 'spanmetrics'], processors: ['batch'], exporters: ['prometheus'] },
      },
      telemetry: {
        resource: { 'service.name': 'jaeger' },
        // Its own traces would stand among the orders'.
        traces: { level: 'none' },
        metrics: {
          level: 'normal',
          readers: [{ pull: { exporter: { prometheus: { host: jaeger.bind, port: jaeger.metrics.port } } } }],
        },
        logs: { level: 'info', encoding: 'json' },
      },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: { endpoint: bind(jaeger.health.port) } },
      jaeger_query: {
        enable_tracing: false,
        storage: { traces: 'recent', metrics: 'prometheus' },
        http: { endpoint: bind(jaeger.query.port) },
        grpc: { endpoint: bind(jaeger.queryGrpc.port) },
      },
      jaeger_storage: {
        backends: { recent: backend(store) },
        metric_backends: {
          prometheus: {
            prometheus: {
              endpoint: `http://${prometheus.host}:${prometheus.port}`,
              latency_unit: 's',
              normalize_calls: true,
              normalize_duration: true,
            },
          },
        },
      },
    },
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: bind(jaeger.otlpGrpc.port) },
          http: { endpoint: bind(jaeger.otlpHttp.port) },
        },
      },
    },
    processors: {
      'attributes/withhold': {
        actions: [...withheldAttributes, ...unreadAttributes].map((key) => ({ key, action: 'delete' })),
      },
      batch: { timeout: '200ms', send_batch_size: 2048 },
    },
    connectors: {
      spanmetrics: {
        metrics_flush_interval: spanMetricsInterval,
        histogram: { unit: 's', explicit: { buckets: durationBucketsMs.map((ms) => `${ms}ms`) } },
        dimensions: dimensions.map((name) => ({ name })),
        // A restart keeps the same instance id, so its series go on.
        resource_metrics_key_attributes: ['service.name', 'service.instance.id'],
        aggregation_cardinality_limit: spanMetricsCardinality,
        exemplars: { enabled: true, max_per_data_point: 2 },
      },
    },
    exporters: {
      jaeger_storage_exporter: { trace_storage: 'recent' },
      prometheus: {
        endpoint: bind(jaeger.collectorMetrics.port),
        // Prometheus 3 would be given dotted names, 2.42 not: the same names for both.
        translation_strategy: 'UnderscoreEscapingWithSuffixes',
        // Exemplars exist in this format only.
        enable_open_metrics: true,
        metric_expiration: metricExpiration,
        // service.name and service.instance.id become job and instance; the other resource attributes no labels.
        resource_to_telemetry_conversion: { enabled: false },
      },
    },
  });
}

function backend(store: TraceStore) {
  if (store === 'memory') return { memory: { max_traces: maxTraces } };
  return {
    badger: {
      // the plain value forgets everything at the end of the process
      ephemeral: false,
      directories: { keys: `${store.directory}/keys`, values: `${store.directory}/values` },
      ttl: { spans: keptOnDisk },
    },
  };
}
