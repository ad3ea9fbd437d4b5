/** What an error of the database can mean, and what follows from each meaning. */

/**
 * - `unavailable`: the database cannot serve anybody, or not this role, right now. The same work can succeed later,
 *   unchanged; whatever else is asked of it meanwhile fails alike.
 * - `contended`: the database serves, but this one transaction met another one, or took too long. It can be tried again;
 *   others need not wait for it.
 * - `input`: what was to be stored is wrong. It fails each time.
 * - `defect`: the program asked wrongly. It fails each time, until somebody mends the program.
 */
export type ErrorKind = 'unavailable' | 'contended' | 'input' | 'defect';

/** What follows from a kind, for people: the columns of docs/database-errors.md. */
export const consequences: Readonly<
  Record<ErrorKind, { readonly request: string; readonly message: string; readonly start: string }>
> = {
  unavailable: {
    request: '503 `dependency_unavailable` with `retry-after`',
    message: 'kept unacked; its transaction is tried again with pauses up to 2 s, and those behind it wait',
    start: 'waits with pauses up to 2 s',
  },
  contended: {
    request: '503 `dependency_unavailable` with `retry-after`',
    message: 'kept unacked and tried again by itself; those behind it pass by',
    start: 'waits with pauses up to 2 s',
  },
  input: {
    request: '500 `internal`, logged: bad input is refused before it gets there',
    message: 'dead-lettered after three attempts, alone',
    start: 'ends, with the error',
  },
  defect: {
    request: '500 `internal`, logged',
    message: 'dead-lettered after three attempts, alone: it can be sent again when the program is mended',
    start: 'ends, with the error',
  },
};
