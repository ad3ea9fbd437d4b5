/** Tells what passes by itself (a database that is unavailable, transactions that met) from what fails each time. */
import { clientMessages, systemErrors } from './client-errors.ts';
import type { ErrorKind } from './kinds.ts';
import { sqlstateClasses, sqlstateCodes } from './sqlstate.ts';

/** The strongest first: an error that was caused by a connection that broke means just that, whatever wraps it. */
const strength: readonly ErrorKind[] = ['unavailable', 'contended', 'input', 'defect'];

/**
 * What an error means for the work that failed: by its code, those it was caused by, and those it is made of.
 * Undefined for errors that have nothing to do with the database.
 */
export function databaseErrorKind(error: unknown): ErrorKind | undefined {
  const kinds = new Set([...errorsIn(error, new Set())].map(kindOfOne));
  return strength.find((kind) => kinds.has(kind));
}

/** Whether the same work, unchanged, can succeed later: the caller gets 503, a message waits. */
export function isTransient(error: unknown): boolean {
  const kind = databaseErrorKind(error);
  return kind === 'unavailable' || kind === 'contended';
}

/** The error, its causes and its parts. Causes can go in circles. */
function* errorsIn(error: unknown, seen: Set<unknown>): Generator<Error> {
  if (!(error instanceof Error) || seen.has(error)) return;
  seen.add(error);
  yield error;
  yield* errorsIn(error.cause, seen);
  if (error instanceof AggregateError) for (const part of error.errors) yield* errorsIn(part, seen);
}

function kindOfOne(error: Error): ErrorKind | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (Object.hasOwn(systemErrors, code)) return 'unavailable';
  if (/^[0-9A-Z]{5}$/.test(code)) return (sqlstateCodes[code] ?? sqlstateClasses[code.slice(0, 2)])?.kind;
  return clientMessages.some(({ pattern }) => pattern.test(error.message)) ? 'unavailable' : undefined;
}
