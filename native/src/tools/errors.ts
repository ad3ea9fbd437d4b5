/** What can go wrong while a tool is looked for or made. */

/** Thrown when an override variable names something that is no working program. */
export class ToolOverrideError extends Error {
  override readonly name = 'ToolOverrideError';
}

/** Thrown when a tool is missing and cannot be made here; the message says what to install or set. */
export class ToolMissingError extends Error {
  override readonly name = 'ToolMissingError';
}

/** Thrown when a command ended with an error; the message holds its last lines. */
export class CommandFailedError extends Error {
  override readonly name = 'CommandFailedError';
}

/** Thrown when at least one of the tools asked for could not be had; `errors` holds the reason for each. */
export class ToolsUnavailableError extends AggregateError {
  override readonly name = 'ToolsUnavailableError';
}
