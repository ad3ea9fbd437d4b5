/** Writes docs/reference/database-errors.md from the tables the code reads: `node docs/src/database-errors-page.ts`. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { clientMessages, systemErrors } from '../../packages/database/src/errors/client-errors.ts';
import { consequences } from '../../packages/database/src/errors/kinds.ts';
import { sqlstateClasses, sqlstateCodes } from '../../packages/database/src/errors/sqlstate.ts';
import { table } from './table.ts';

/** Where it lies. */
export const pageFile = path.resolve(import.meta.dirname, '../reference/database-errors.md');

/** The page. */
export function page(): string {
  const codes = Object.entries({ ...sqlstateClasses, ...sqlstateCodes }).sort(([one], [other]) =>
    one.padEnd(5) < other.padEnd(5) ? -1 : 1,
  );
  return `# Errors of the database

What each error of PostgreSQL, of the network and of the client library means here. \`node docs/src/database-errors-page.ts\` writes this page
from the table that the code reads (\`packages/database\`).

Only a message that is itself wrong is dead-lettered. Whatever is wrong with the database, the service waits until it is over.

${table(
  ['kind', 'a request gets', 'a message is', 'a service that starts'],
  Object.entries(consequences).map(([kind, { request, message, start }]) => [kind, request, message, start]),
)}

An error that wraps others (\`cause\`, \`AggregateError\`, MikroORM's exceptions) means what the strongest of them means, in that order.
A connection on which an error said \`unavailable\` is not used again: its session may keep what was wrong (read-only, rights).

## SQLSTATE

Two characters stand for a whole class; a row for one code counts before its class.

${table(
  ['code', 'name', 'kind', 'why'],
  codes.map(([code, { name, kind, why }]) => [code, name, kind, why]),
)}

## System

All are \`unavailable\`.

${table(
  ['code', 'tells'],
  Object.entries(systemErrors).map(([code, tells]) => [`\`${code}\``, tells]),
)}

## Client library

What \`pg\` says without a code. All are \`unavailable\`.

${table(
  ['message', 'why'],
  clientMessages.map(({ says, why }) => [says, why]),
)}
`;
}

if (import.meta.main) writeFileSync(pageFile, page());
