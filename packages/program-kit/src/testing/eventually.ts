/** Waiting for a condition, in tests. */
import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a condition; throws with `what` when it does not come true in time. */
export async function eventually<T>(
  what: string,
  read: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await delay(20);
  }
}
