/** Waits for a condition, with a deadline; never for a time. */
import { setTimeout as delay } from 'node:timers/promises';

/** Pause between two calls of `look`, milliseconds. */
const pauseMs = 50;

/**
 * Calls `look` until it returns something other than `undefined`, and returns that.
 * Throws with `what`, and with what the last call threw, when `deadlineMs` are over.
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
    if (performance.now() > end)
      throw new Error(`Waited ${deadlineMs} ms without success: ${what}`, { cause: last });
    await delay(pauseMs);
  }
}
