/** What an error of the database means (retry later, retry alone, or never), and what of an error may be logged. */
export { databaseErrorKind, isTransient } from './database-errors.ts';
export { errorText, type LoggableError, loggableError, messageWithoutValues } from './error-text.ts';
export type { ErrorKind } from './kinds.ts';
