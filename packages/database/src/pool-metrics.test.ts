import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import pg from 'pg';

test('reports the connections of each pool by itself, until it is stopped', async (t) => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  t.after(() => provider.shutdown());
  metrics.setGlobalMeterProvider(provider);
  // the meter is taken when the module is loaded, as the services do after their bootstrap
  const { observePool } = await import('./pool-metrics.ts');
  const seen = async (): Promise<Record<string, unknown>> => {
    exporter.reset();
    await provider.forceFlush();
    return Object.fromEntries(
      exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap((scope) => scope.metrics)
        .flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => [
            [descriptor.name.replace('db.client.connection.', ''), ...Object.values(attributes)].join(' '),
            value,
          ]),
        ),
    );
  };

  const [one, other] = [3, 7].map((max) => new pg.Pool({ host: '127.0.0.1', port: 1, max }));
  assert.ok(one !== undefined && other !== undefined);
  const endOne = observePool(one, 'one');
  const endOther = observePool(other, 'other');
  const empty = (name: string, max: number) => ({
    [`count ${name} idle`]: 0,
    [`count ${name} used`]: 0,
    [`max ${name}`]: max,
    [`pending_requests ${name}`]: 0,
  });
  assert.deepEqual(await seen(), { ...empty('one', 3), ...empty('other', 7) });

  // one that is being opened counts as used
  const refused = assert.rejects(one.connect());
  assert.deepEqual(await seen(), { ...empty('one', 3), ...empty('other', 7), 'count one used': 1 });
  await refused;
  endOne();
  endOther();
});
