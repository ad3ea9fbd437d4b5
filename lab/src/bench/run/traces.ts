/** Whether the orders of a run are traced whole: a run that loses spans is cheap for the wrong reason. */
import { setTimeout as delay } from 'node:timers/promises';
import type { TraceReader } from '@microshop/control/trace/jaeger';
import { judgeOrder, type Verdict } from '@microshop/control/trace/verdict';

/** Orders looked at after a run, its last ones; Jaeger keeps the last 5,000 traces. */
const mostLookedAt = 1000;

/** Traces asked for at the same time. */
const readers = 8;

/** Time the last spans may take to reach Jaeger, milliseconds: they are sent a second after they end. */
const arriveLimitMs = 15_000;

/**
 * Looks at the last of those traces, waiting up to `limitMs` for their spans. Names one that is not whole, and why;
 * `undefined` when all are.
 */
export async function brokenTrace(
  traces: Pick<TraceReader, 'trace'>,
  traceIds: readonly string[],
  limitMs = arriveLimitMs,
): Promise<string | undefined> {
  const end = performance.now() + limitMs;
  const waiting = traceIds.slice(-mostLookedAt);
  if (waiting.length === 0) return 'No order has a trace';
  let broken: string | undefined;
  const verdictOf = async (traceId: string): Promise<Verdict> => {
    for (;;) {
      const verdict = judgeOrder(await traces.trace(traceId));
      if (verdict.complete || performance.now() > end) return verdict;
      await delay(100);
    }
  };
  const reader = async () => {
    for (
      let traceId = waiting.pop();
      traceId !== undefined && broken === undefined;
      traceId = waiting.pop()
    ) {
      const { complete, missing, orphans } = await verdictOf(traceId);
      if (complete) continue;
      const what = missing.length > 0 ? missing.join(', ') : `${orphans} spans without their parent`;
      broken = `Trace ${traceId} is not whole: ${what}`;
    }
  };
  await Promise.all(Array.from({ length: readers }, reader));
  return broken;
}
