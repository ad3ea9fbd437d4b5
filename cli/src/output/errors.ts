/** How commands end: exit codes, and errors that are messages for a person rather than defects. */
import { ExplainedError, InvalidInputError } from '@microshop/program-kit/errors';

/** Exit codes of every command (contract). */
export const exitCodes = {
  /** Done. */
  done: 0,
  /** The thing asked for failed, or the verdict is FAIL. */
  failed: 1,
  /** Wrong usage. */
  usage: 2,
  /** It proved nothing (invalid, unsettled). */
  unproven: 3,
} as const;

/** Thrown when a command was called in a way that cannot work; printed as a message, exit code 2. */
export class UsageError extends InvalidInputError {
  override readonly name: string = 'UsageError';
}

/** Thrown when what was asked for did not happen, for a reason that the message gives in full; exit code 1, no stack. */
export class CommandFailed extends ExplainedError {
  override readonly name: string = 'CommandFailed';
}

/** Thrown when a run could not prove anything, for a reason that the message gives in full; exit code 3, no stack. */
export class ProvedNothing extends CommandFailed {
  override readonly name: string = 'ProvedNothing';
}
