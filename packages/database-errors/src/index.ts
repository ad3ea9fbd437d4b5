/** What an error of the database means: try later, try again by itself, or never. */
export { databaseErrorKind, isTransient } from './database-errors.ts';
export type { ErrorKind } from './kinds.ts';
