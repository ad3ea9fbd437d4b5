/** Waiting for a condition, with a deadline, in tests; never for a time. */
import { setTimeout as delay } from 'node:timers/promises';

/** What a condition gives while it does not hold. */
type NotYet = undefined | false;

/**
 * How long is waited unless the test says otherwise, milliseconds: it ends what hangs and measures nothing, so it is long enough for
 * a machine that does much else.
 */
const usualLimitMs = 60_000;

/** Pause between two attempts at a server, milliseconds: less often than a process asks itself. */
const usualPauseMs = 50;

/**
 * Share of the time waited so far after which the next attempt comes, once that is longer than the pause: a wait of minutes asks
 * some hundred times, not thousands, and takes a tenth longer than it had to at most.
 */
const pauseShare = 0.1;

/** Longest pause for that reason, milliseconds. */
const longestPauseMs = 500;

/** One reading of a condition; with what it threw, where that means "not yet". */
interface Reading<T> {
  readonly value: T | NotYet;
  readonly cause?: unknown;
}

/** Reads until there is a value, with that pause in between at first, milliseconds. */
async function poll<T>(
  what: string,
  read: () => Promise<Reading<T>>,
  limitMs: number,
  pauseMs: number,
): Promise<T> {
  const began = performance.now();
  for (;;) {
    const { value, cause } = await read();
    if (value !== undefined && value !== false) return value;
    const waitedMs = performance.now() - began;
    if (waitedMs > limitMs) throw new Error(`Not within ${limitMs} ms: ${what}`, { cause });
    await delay(Math.max(pauseMs, Math.min(pauseShare * waitedMs, longestPauseMs)));
  }
}

/**
 * Waits for a condition and returns what it gave. Throws with `what` when it does not hold within `limitMs`
 * milliseconds, and at once what the condition throws.
 */
export function eventually<T>(
  what: string,
  read: () => T | NotYet | Promise<T | NotYet>,
  limitMs = usualLimitMs,
): Promise<T> {
  return poll(what, async () => ({ value: await read() }), limitMs, 20);
}

/**
 * Waits as {@link eventually} does where an error means "not yet": a server that starts refuses connections. Throws with
 * `what` when the time is over, and with the error of the last attempt as the cause. `pauseMs` is the time between two
 * attempts, milliseconds: longer where an attempt costs much.
 */
export function eventuallyDespiteErrors<T>(
  what: string,
  read: () => T | NotYet | Promise<T | NotYet>,
  limitMs = usualLimitMs,
  pauseMs = usualPauseMs,
): Promise<T> {
  const readOrCause = async (): Promise<Reading<T>> => {
    try {
      return { value: await read() };
    } catch (cause) {
      return { value: undefined, cause };
    }
  };
  return poll(what, readOrCause, limitMs, pauseMs);
}
