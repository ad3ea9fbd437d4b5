/** Waits for a condition, with a deadline; never for a time. */
import { setTimeout as delay } from 'node:timers/promises';

/** Pause between two looks, milliseconds. */
const pauseMs = 50;

/**
 * Looks until `look` gives something other than `undefined`, and returns it.
 * Throws with `what`, and with what the last look threw, when `deadlineMs` are over.
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined>,
  deadlineMs = 15_000,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`Waited ${deadlineMs} ms in vain: ${what}`, { cause: last });
    await delay(pauseMs);
  }
}
