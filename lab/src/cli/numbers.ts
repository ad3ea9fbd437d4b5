/** Numbers on the command line. */
import { UsageError } from './errors.ts';

/** Largest id of the shop: PostgreSQL's `integer`. */
const maxId = 2_147_483_647;

/** Reads a whole number from 1 to `most`. Throws `UsageError` that names `what`. */
export function positiveInteger(what: string, text: string, most = maxId): number {
  return wholeNumber(what, text, 1, most);
}

/**
 * Reads a duration as milliseconds: `500ms`, `10s`, `2m`; a plain number is in `plainUnit`. Throws `UsageError`.
 */
export function durationMs(what: string, text: string, plainUnit: 'ms' | 's' = 's'): number {
  const [, amount, unit = plainUnit] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  if (amount === undefined)
    throw new UsageError(`${what} must be a duration like 10s or 500ms, not "${text}"`);
  return Number(amount) * ({ ms: 1, s: 1000, m: 60_000 }[unit] ?? 1000);
}

/** Reads a duration of at least a millisecond as whole milliseconds. Throws `UsageError` that names `what`. */
export function positiveDurationMs(
  what: string,
  text: string,
  mostMs: number,
  plainUnit: 'ms' | 's' = 's',
): number {
  const ms = Math.round(durationMs(what, text, plainUnit));
  if (ms < 1 || ms > mostMs) {
    throw new UsageError(`${what} must be from 1 ms to ${mostMs / 1000} s, not "${text}"`);
  }
  return ms;
}

/** Reads a whole number from `least` to `most`. Throws `UsageError` that names `what`. */
export function wholeNumber(what: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`${what} must be a whole number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}
