/**
 * Connections of a pool: how many there are, read only when metrics are collected, and how long statements wait for
 * one. The pg instrumentation would count at each use of a connection, six times for a statement, and one sum for all
 * pools of a process.
 */
import { metrics } from '@opentelemetry/api';
import type { Pool } from 'pg';

/** Seconds: from a connection that lies ready to a wait that is near its limit (`connectionTimeoutMs`). */
const boundaries = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2];

const poolName = 'db.client.connection.pool.name';
const state = 'db.client.connection.state';

const meter = metrics.getMeter('@microshop/database');

const waitTime = meter.createHistogram('db.client.connection.wait_time', {
  unit: 's',
  description: 'Time a statement waited for a connection of the pool.',
  advice: { explicitBucketBoundaries: boundaries },
});

const count = meter.createObservableUpDownCounter('db.client.connection.count', {
  unit: '{connection}',
  description: 'The number of connections that are currently in state described by the state attribute.',
});

const max = meter.createObservableUpDownCounter('db.client.connection.max', {
  unit: '{connection}',
  description: 'The maximum number of open connections allowed.',
});

const pending = meter.createObservableUpDownCounter('db.client.connection.pending_requests', {
  unit: '{request}',
  description: 'The number of current pending requests for an open connection.',
});

/** Records a wait that began at `startedAt` (`performance.now()`), whether it got a connection or not. */
export function recordWait(pool: string, startedAt: number): void {
  waitTime.record((performance.now() - startedAt) / 1000, { [poolName]: pool });
}

/** Reports the connections of a pool under that name, until the returned function is called. */
export function observePool(pool: Pool, name: string): () => void {
  const observables = [count, max, pending];
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    result.observe(count, pool.idleCount, { [poolName]: name, [state]: 'idle' });
    result.observe(count, pool.totalCount - pool.idleCount, { [poolName]: name, [state]: 'used' });
    result.observe(max, pool.options.max, { [poolName]: name });
    result.observe(pending, pool.waitingCount, { [poolName]: name });
  };
  meter.addBatchObservableCallback(observe, observables);
  return () => meter.removeBatchObservableCallback(observe, observables);
}
