/** Since when an edge is not well, by its figures over the last minutes. */
import type { EdgeSeries } from '@microshop/control/console/schemas';
import { rankOf } from './health.ts';

/**
 * Milliseconds since the epoch of the first value of the stretch that is as unwell as the last value, or worse; `longer` when it
 * began before what is known; `null` when the last value is well. Times without calls say nothing, and end no stretch.
 */
export function unwellSince({ times, failed, p95_ms: p95, attempts }: EdgeSeries): number | 'longer' | null {
  const judged = times.flatMap((time, index) => {
    const figures = {
      failed: failed[index] ?? null,
      p95_ms: p95[index] ?? null,
      attempts: attempts[index] ?? null,
    };
    const isKnown = Object.values(figures).some((figure) => figure !== null);
    return isKnown ? [{ time, rank: rankOf({ kind: 'http', breaker: null, ...figures }) }] : [];
  });
  const now = judged.at(-1)?.rank ?? 0;
  if (now === 0) return null;
  const lastBetter = judged.findLastIndex(({ rank }) => rank < now);
  const first = judged[lastBetter + 1];
  // without earlier values it may have begun at any time
  return first === undefined || first.time === times[0] ? 'longer' : first.time;
}
