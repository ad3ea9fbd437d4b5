/** What an error of the database means (try later, try again by itself, or never), and what of an error may be told. */
export { databaseErrorKind, isTransient } from './database-errors.ts';
export { errorText, messageWithoutValues, type ToldError, toldError } from './error-text.ts';
export type { ErrorKind } from './kinds.ts';
