import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setRunningTelemetry, shutdownTelemetry } from './shutdown.ts';

describe('the end of telemetry', () => {
  it('waits for the flush, once', async () => {
    let ends = 0;
    setRunningTelemetry({
      shutdown: async () => {
        ends += 1;
      },
    });
    await Promise.all([shutdownTelemetry(), shutdownTelemetry()]);
    assert.equal(ends, 1);
  });

  it('does not wait for ever', async () => {
    setRunningTelemetry({ shutdown: () => new Promise(() => {}) });
    const startedAt = performance.now();
    await shutdownTelemetry(50);
    assert.ok(performance.now() - startedAt < 1500);
  });

  it('never rejects', async () => {
    setRunningTelemetry({ shutdown: () => Promise.reject(new Error('the collector is unavailable')) });
    await shutdownTelemetry();
  });
});
