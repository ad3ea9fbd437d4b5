/** Waiting: pauses between attempts, and a limit to the wait for an answer. */
import { setTimeout as delay } from 'node:timers/promises';

/** Longest pause, milliseconds: a server that is back is used again within two seconds. */
const maxPauseMs = 2000;

/** Pause after that many failures in a row (1, 2, …), milliseconds: doubling, half of it random. */
export function pauseAfter(failures: number): number {
  const full = Math.min(maxPauseMs, 50 * 2 ** failures);
  return full / 2 + (Math.random() * full) / 2;
}

/** Waits that long, or until the signal aborts; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

/** What the work came to, or undefined when it takes longer than that; the work itself goes on. */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), limitMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
