/** Numbers on the command line. */
import { UsageError } from './errors.ts';

/** Largest id of the shop: PostgreSQL's `integer`. */
export const maxId = 2_147_483_647;

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
