/** Numbers on the command line. */
import { UsageError } from './errors.ts';

/** Largest id of the shop: PostgreSQL's `integer`. */
const maxId = 2_147_483_647;

/** Reads a whole number from 1 to `most`. Throws `UsageError` that names `what`. */
export function positiveInteger(what: string, text: string, most = maxId): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 1 && value <= most)) {
    throw new UsageError(`${what} must be a whole number from 1 to ${most}, not "${text}"`);
  }
  return value;
}

/** Reads a duration as milliseconds: `500ms`, `10s`, `2m`, or plain seconds. Throws `UsageError`. */
export function durationMs(what: string, text: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  if (amount === undefined)
    throw new UsageError(`${what} must be a duration like 10s or 500ms, not "${text}"`);
  return Number(amount) * ({ ms: 1, s: 1000, m: 60_000 }[unit] ?? 1000);
}
