/** What the code under test reports as metrics, and what it traces. */
import type { TestContext } from 'node:test';
import { type Attributes, metrics, trace } from '@opentelemetry/api';
import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

/** A point of a metric, as it was when it was read. */
export interface Point {
  readonly name: string;
  readonly attributes: Attributes;
  readonly value: unknown;
}

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** Collects metrics until the test ends, from meters that are made later; returns how to read every point. */
export function collectMetrics(t: TestContext): () => Promise<Point[]> {
  const reader = new Reader({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  t.after(async () => {
    metrics.disable();
    await provider.shutdown();
  });
  return async () => {
    const { resourceMetrics } = await reader.collect();
    return resourceMetrics.scopeMetrics
      .flatMap((scope) => scope.metrics)
      .flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, attributes, value })),
      );
  };
}

/** Collects spans until the test ends; returns how to read those that have ended. */
export function collectSpans(t: TestContext): () => readonly ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  trace.setGlobalTracerProvider(provider);
  t.after(async () => {
    trace.disable();
    await provider.shutdown();
  });
  return () => exporter.getFinishedSpans();
}
