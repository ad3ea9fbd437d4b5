/** Waits for a trace to be whole: spans are sent in batches, up to a second after they end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Verdict } from '../trace/verdict.ts';

/** Pause between two looks, milliseconds. */
const lookEveryMs = 250;

/** Looks until the verdict is complete, or `waitMs` are over; the last verdict. */
export async function whenComplete(look: () => Promise<Verdict>, waitMs: number): Promise<Verdict> {
  const end = performance.now() + waitMs;
  for (;;) {
    const verdict = await look();
    if (verdict.complete || performance.now() >= end) return verdict;
    await delay(lookEveryMs);
  }
}
