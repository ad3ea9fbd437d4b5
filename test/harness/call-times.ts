/** How long calls take that have to be quick. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { quantile } from '@microshop/lab/statistics/spread';

/** What is called, how often, and what 95 of 100 calls may take. */
interface Timing {
  readonly urls: readonly string[];
  readonly times: number;
  readonly limitMs: number;
  /** Makes one call. */
  call(url: string): Promise<{ readonly status: number; readonly body: string }>;
}

/** Calls each as often and says its p50 and p95. Fails when an answer is not 200, or a p95 is above the limit. */
export async function holdCallTimes(t: TestContext, { urls, times, limitMs, call }: Timing): Promise<void> {
  const slow: string[] = [];
  for (const url of urls) {
    const took: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const began = performance.now();
      const { status, body } = await call(url);
      took.push(performance.now() - began);
      assert.equal(status, 200, `${url}: ${body}`);
    }
    const p95 = quantile(took, 0.95);
    t.diagnostic(`${url}: p50 ${quantile(took, 0.5).toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`);
    if (!(p95 <= limitMs)) slow.push(`${url}: ${p95.toFixed(0)} ms`);
  }
  assert.deepEqual(slow, []);
}
