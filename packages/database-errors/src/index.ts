/** What an error of the database means: try later, try again, or never. */
export { isDatabaseAway, isTransient } from './database-errors.ts';
