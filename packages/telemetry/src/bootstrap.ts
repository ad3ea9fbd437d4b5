/**
 * Starts OpenTelemetry. For `register.ts`, which loads this before everything else.
 *
 * Reads `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_EXPORTER_OTLP_ENDPOINT`. `OTEL_TRACES_EXPORTER=none`
 * makes no spans and hands the caller's trace context on; `OTEL_METRICS_EXPORTER=none` makes no metrics. Without
 * the collector the services run on: queues are bounded, what does not fit is dropped and counted
 * (`otel.sdk.processor.span.processed`, `otel.sdk.exporter.span.exported`, each with `error.type`).
 */
import { DiagLogLevel, diag, type MeterProvider as Meters, metrics } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOnSampler, BatchSpanProcessor, ParentBasedSampler } from '@opentelemetry/sdk-trace';
import { register } from 'import-in-the-middle/register-hooks.mjs';
import { lineWriter, quietDiagLogger, reportOutages } from './diagnostics.ts';
import { createInstrumentations, wrappedModules } from './instrumentations.ts';
import { metricViews } from './metrics.ts';
import { originOnSpans } from './origin.ts';
import { observeProcess } from './process-metrics.ts';
import { traceRequests } from './requests.ts';
import { setRunningTelemetry } from './shutdown.ts';

/** Time a finished span waits for others to be sent with, milliseconds: what a `kill -9` can lose. */
const batchDelayMs = 1000;

/** Finished spans that wait at most, ~2 KB each; a burst of 200 orders leaves about 3,000 in the orders service. */
const maxQueuedSpans = 8192;

/** Time between two exports of metrics, milliseconds. */
const metricIntervalMs = 5000;

/** Time one export may take with its retries, milliseconds. */
const exportTimeoutMs = 3000;

/** Longer attribute values are cut, characters: SQL texts and stacks would otherwise fill the trace store. */
const maxAttributeLength = 2048;

/** False when the environment switches this signal off. */
function wanted(signal: 'traces' | 'metrics'): boolean {
  return process.env[`OTEL_${signal.toUpperCase()}_EXPORTER`] !== 'none';
}

/** The queue of finished spans; it reports on itself and on its exporter through `meters`, by batch. */
function sendSpans(meters: Meters): BatchSpanProcessor {
  const exporter = new OTLPTraceExporter({ timeoutMillis: exportTimeoutMs, selfObsMeterProvider: meters });
  return new BatchSpanProcessor({
    exporter: reportOutages(exporter, 'spans', write),
    scheduledDelayMillis: batchDelayMs,
    maxQueueSize: maxQueuedSpans,
    exportTimeoutMillis: exportTimeoutMs + 1000,
    selfObsMeterProvider: meters,
  });
}

function sendMetrics(): PeriodicExportingMetricReader {
  return new PeriodicExportingMetricReader({
    exporter: reportOutages(new OTLPMetricExporter({ timeoutMillis: exportTimeoutMs }), 'metrics', write),
    exportIntervalMillis: metricIntervalMs,
    exportTimeoutMillis: exportTimeoutMs + 1000,
  });
}

const write = lineWriter(process.env['OTEL_SERVICE_NAME'] ?? 'unknown');
diag.setLogger(quietDiagLogger(write), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });

// Before the instrumentations are created, and in this thread: whatever is imported from here on is seen.
register({ include: [...wrappedModules] });

const resource = defaultResource().merge(
  // The later detector wins: the environment's service.instance.id over a random one.
  detectResources({ detectors: [serviceInstanceIdDetector, envDetector] }),
);

// Before the SDK, which would make it too late: the queue of spans wants its counters when it is created.
const meterProvider = new MeterProvider({
  resource,
  views: metricViews,
  readers: wanted('metrics') ? [sendMetrics()] : [],
});
if (wanted('metrics')) metrics.setGlobalMeterProvider(meterProvider);

const sdk = new NodeSDK({
  instrumentations: createInstrumentations(),
  resource,
  autoDetectResources: false,
  sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  textMapPropagator: new CompositePropagator({
    propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
  }),
  spanLimits: { attributeValueLengthLimit: maxAttributeLength },
  spanProcessors: wanted('traces') ? [originOnSpans, sendSpans(metrics.getMeterProvider())] : [],
  // The provider above is the instrumentations' too.
  metricReaders: [],
  // Logs go to stdout.
  logRecordProcessors: [],
});
sdk.start();
traceRequests();
observeProcess();
setRunningTelemetry({
  shutdown: async () => {
    await Promise.all([sdk.shutdown(), meterProvider.shutdown()]);
  },
});
