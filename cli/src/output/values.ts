/**
 * What is typed on the command line, of every command and option: durations, numbers, and options that are made from a
 * table of fields.
 */

import { maxId } from '@microshop/topology';
import { UsageError } from './errors.ts';

/** Decimal digits that every number keeps (`DBL_DIG`). */
const exactDigits = 15;

/** Milliseconds of each unit, the largest first. */
const units = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

const amount = String.raw`\d+(?:\.\d+)?`;
/** `1m30s`: each unit once at most, the largest first. */
const form = new RegExp(
  `^(?=.)${Object.keys(units)
    .map((unit) => `(?:(?<${unit}>${amount})${unit})?`)
    .join('')}$`,
);

/**
 * Reads a duration with its unit as milliseconds: `300ms`, `5s`, `1m30s`, `0s`. Throws `UsageError` that names `what` and
 * the fix; a bare number has no unit to be guessed.
 */
export function durationMs(what: string, text: string): number {
  const groups = form.exec(text)?.groups;
  if (groups === undefined) {
    if (new RegExp(`^${amount}$`).test(text)) {
      throw new UsageError(`${what} needs a unit: ${text}ms, ${text}s or ${text}m, not "${text}"`);
    }
    throw new UsageError(`${what} must be a duration like 300ms, 5s or 1m30s, not "${text}"`);
  }
  const ms = Object.entries(units).reduce((sum, [unit, size]) => sum + Number(groups[unit] ?? 0) * size, 0);
  // 4.35 times a minute is a little less than its whole seconds, in binary
  return Number(ms.toPrecision(exactDigits));
}

/** As a person writes it: `300ms`, `5s`, `1m30s`. */
export function durationText(ms: number): string {
  let left = ms;
  const words = Object.entries(units).map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return words.join('') || '0s';
}

/** Reads a duration of 1 ms to `mostMs` as whole milliseconds. Throws `UsageError` that names `what`. */
export function positiveDurationMs(what: string, text: string, mostMs: number): number {
  const ms = Math.round(durationMs(what, text));
  if (ms < 1 || ms > mostMs) {
    throw new UsageError(`${what} must be from 1ms to ${durationText(mostMs)}, not "${text}"`);
  }
  return ms;
}

/** The longest length of a run, milliseconds. */
const longestRunMs = 24 * units.h;

/** Reads a duration of 1 s to 24 h as whole seconds. Throws `UsageError` that names `what`. */
export function wholeSeconds(what: string, text: string): number {
  const seconds = durationMs(what, text) / units.s;
  if (!Number.isInteger(seconds) || seconds < 1 || seconds * units.s > longestRunMs) {
    throw new UsageError(
      `${what} must be whole seconds from 1s to ${durationText(longestRunMs)}, not "${text}"`,
    );
  }
  return seconds;
}

/** Reads a whole number from 1 to `most`. Throws `UsageError` that names `what`. */
export function positiveInteger(what: string, text: string, most = maxId): number {
  return wholeNumber(what, text, 1, most);
}

/** Reads a whole number from `least` to `most`. Throws `UsageError` that names `what`. */
export function wholeNumber(what: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`${what} must be a whole number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}

/** What was written for each option, by {@link keyOf} its flag. */
export type OptionTexts = Readonly<Record<string, string | undefined>>;

/** Commander's name of an option's value: `perTryTimeout` of `per-try-timeout`. */
export function keyOf(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
