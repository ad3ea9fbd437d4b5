/** Waits for a trace to be whole: spans are sent in batches, up to a second after they end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Verdict } from '../trace/verdict.ts';
import { NoTraceError } from './client.ts';

/** Pause between two looks, milliseconds. */
const lookEveryMs = 250;

/**
 * Looks until the verdict is complete, or `waitMs` are over; the last verdict. `onWait` is called once, when it has to wait.
 * Throws {@link NoTraceError} when there is no trace by then, and anything else that `look` throws at once.
 */
export async function whenComplete(
  look: () => Promise<Verdict>,
  waitMs: number,
  onWait: () => void = () => undefined,
): Promise<Verdict> {
  const end = performance.now() + waitMs;
  for (let looks = 1; ; looks += 1) {
    const last = performance.now() >= end;
    try {
      const verdict = await look();
      if (verdict.complete || last) return verdict;
    } catch (error) {
      if (!(error instanceof NoTraceError) || last) throw error;
    }
    if (looks === 1) onWait();
    await delay(lookEveryMs);
  }
}
