/** Numbers on the command line. */
import { maxId } from '@microshop/topology';
import { UsageError } from './errors.ts';

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
