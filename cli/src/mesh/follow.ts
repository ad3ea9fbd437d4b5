/** Waits for a trace to be whole: spans are sent in batches, up to a second after they end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Verdict } from '@microshop/control/trace/verdict';
import { NoTraceError } from './control-client.ts';

/** Pause between two looks, milliseconds. */
const lookEveryMs = 250;

/**
 * Looks until the verdict is complete, or `waitMs` are over; the last verdict. `onWait` is called once, when it has to wait,
 * with the most that takes, milliseconds. Throws {@link NoTraceError} when there is no trace by then, or earlier when that
 * says so, and anything else that `look` throws at once.
 */
export async function whenComplete(
  look: () => Promise<Verdict>,
  waitMs: number,
  onWait: (mostMs: number) => void = () => undefined,
): Promise<Verdict> {
  const began = performance.now();
  for (let looks = 1; ; looks += 1) {
    const passedMs = performance.now() - began;
    let mostMs = waitMs;
    try {
      const verdict = await look();
      if (verdict.complete || passedMs >= mostMs) return verdict;
    } catch (error) {
      if (!(error instanceof NoTraceError)) throw error;
      mostMs = Math.min(waitMs, error.waitMs);
      if (passedMs >= mostMs) throw error;
    }
    if (looks === 1) onWait(mostMs);
    await delay(lookEveryMs);
  }
}
