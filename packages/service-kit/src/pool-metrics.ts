/** How long statements wait for a connection of the pool; the pg instrumentation tells only how many do. */
import { metrics } from '@opentelemetry/api';

/** Seconds: from a connection that lies ready to a wait that is near its limit (`connectionTimeoutMs`). */
const boundaries = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2];

const waitTime = metrics
  .getMeter('@microshop/service-kit')
  .createHistogram('db.client.connection.wait_time', {
    unit: 's',
    description: 'Time a statement waited for a connection of the pool.',
    advice: { explicitBucketBoundaries: boundaries },
  });

/** Records a wait that began at `startedAt` (`performance.now()`), whether it got a connection or not. */
export function recordWait(pool: string, startedAt: number): void {
  waitTime.record((performance.now() - startedAt) / 1000, { 'db.client.connection.pool.name': pool });
}
