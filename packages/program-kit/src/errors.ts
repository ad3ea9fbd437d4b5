/** Errors whose message is for a person, and the message of anything thrown. */

/**
 * Thrown when what was asked for did not happen, for a reason the message gives in full: it is shown without a stack.
 */
export class ExplainedError extends Error {
  override readonly name: string = 'ExplainedError';
}

/** Thrown when what was asked for cannot be: an unknown name, a number out of range. */
export class InvalidInputError extends Error {
  override readonly name: string = 'InvalidInputError';
}

/** True when a system call failed with that code (`ENOENT`). */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  );
}

/** A server whose name cannot be resolved, by the system's codes and in words; in a network of containers it does not run. */
export const unknownName = { codes: ['ENOTFOUND', 'EAI_AGAIN'], said: 'its name is not known' } as const;

/** What went wrong on the way to a server, by the system's code. */
const connectionProblems: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ...Object.fromEntries(unknownName.codes.map((code) => [code, unknownName.said])),
  ETIMEDOUT: 'no connection in time',
};

/** What keeps a directory from being written, by the system's code, and what to do about it. */
const writeProblems: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
  EROFS: ['its file system is read-only', 'run the mesh in a checkout that can be written'],
  EACCES: ['you have no right to', 'run the mesh in a checkout of your own'],
  EPERM: ['you have no right to', 'run the mesh in a checkout of your own'],
  ENOSPC: ['the disk is full', 'free some space'],
  EDQUOT: ['your share of the disk is full', 'free some space'],
  ENOTDIR: ['a file is in the place of a directory', 'remove the file'],
  EEXIST: ['a file is in the place of a directory', 'remove the file'],
};

/** Thrown when a directory of the mesh cannot be written; the message names it, why, and the remedy. */
export class UnwritableError extends ExplainedError {
  override readonly name: string = 'UnwritableError';
}

/** What to throw when writing below that directory threw `error`: {@link UnwritableError}, or for any other reason the same. */
export function unwritable(directory: string, error: unknown): unknown {
  const [, problem] = Object.entries(writeProblems).find(([code]) => hasCode(error, code)) ?? [];
  if (problem === undefined) return error;
  const [why, remedy] = problem;
  return new UnwritableError(`${directory} cannot be written: ${why}; ${remedy}`, { cause: error });
}

/** What is wrong with a file that a person named, by the system's code. */
const fileProblems: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'you have no right to read it',
};

/** Why a file that a person named cannot be read, without repeating its name. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return (typeof code === 'string' ? fileProblems[code] : undefined) ?? messageOf(error);
}

/** The message of anything thrown. A server that cannot be reached is described in words, without its address. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // `fetch` gives its reason as the cause only
  if (error.message === 'fetch failed' && error.cause instanceof Error) return messageOf(error.cause);
  const code = 'code' in error ? error.code : undefined;
  return (typeof code === 'string' ? connectionProblems[code] : undefined) ?? error.message;
}
