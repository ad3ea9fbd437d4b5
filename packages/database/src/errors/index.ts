/** What an error of the database means (retry later, retry alone, or never), and what of an error may be logged. */
export { databaseErrorKind, isTransient } from './database-errors.ts';
export { errorText, messageWithoutValues, type ToldError, toldError } from './error-text.ts';
export type { ErrorKind } from './kinds.ts';
