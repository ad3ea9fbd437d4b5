/** Waiting for a condition, with a deadline, in tests; never for a time. */
import { setTimeout as delay } from 'node:timers/promises';

/** What a condition gives while it does not hold. */
type NotYet = undefined | false;

/** How long is waited unless the test says otherwise, milliseconds. */
const usualLimitMs = 15_000;

/**
 * Waits for a condition and returns what it gave. Throws with `what` when it does not hold within `limitMs`
 * milliseconds, and at once what the condition throws.
 */
export async function eventually<T>(
  what: string,
  read: () => T | NotYet | Promise<T | NotYet>,
  limitMs = usualLimitMs,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await delay(20);
  }
}

/**
 * Waits as {@link eventually} does where an error means "not yet": a server that starts refuses connections. Throws with
 * `what` when the time is over, and with the error of the last attempt as the cause.
 */
export async function eventuallyDespiteErrors<T>(
  what: string,
  read: () => T | NotYet | Promise<T | NotYet>,
  limitMs = usualLimitMs,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    let cause: unknown;
    try {
      const value = await read();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > end) throw new Error(`Not within ${limitMs} ms: ${what}`, { cause });
    // whole servers are asked here, by commands too: less often than a process asks itself
    await delay(50);
  }
}
