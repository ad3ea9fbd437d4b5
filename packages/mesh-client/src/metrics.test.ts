import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { createBreakerMetrics } from './metrics.ts';

test('counters of every peer and class are there before anything has failed', async (t) => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  metrics.setGlobalMeterProvider(provider);
  t.after(() => provider.shutdown());
  const { begun, close } = createBreakerMetrics('orders', new Map());
  t.after(close);
  begun('users');
  begun('products');
  await provider.forceFlush();

  const points = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap((scope) => scope.metrics)
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, attributes, value })),
    );
  const peersOf = (name: string) =>
    points.filter((point) => point.name === name).map(({ attributes }) => attributes['shop.peer']);
  assert.deepEqual(new Set(peersOf('shop.breaker.opens')), new Set(['users', 'products']));
  assert.equal(peersOf('shop.call.failures').length, 2 * 5);
  assert.ok(points.every(({ value }) => value === 0));
});
