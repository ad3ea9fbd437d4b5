/** What an error of the database can mean, and what follows from each meaning. */

/**
 * - `unavailable`: the database cannot serve any client, or not this role, right now. The same work can succeed later,
 *   unchanged; other requests fail in the same way until then.
 * - `contended`: the database serves, but this transaction conflicted with another one, or took too long. It can be
 *   retried; others need not wait for it.
 * - `input`: what was to be stored is wrong. It fails each time.
 * - `defect`: the program sent a wrong request. It fails each time, until the program is fixed.
 */
export type ErrorKind = 'unavailable' | 'contended' | 'input' | 'defect';

/** What follows from a kind, for people: the columns of docs/reference/database-errors.md. */
export const consequences: Readonly<
  Record<ErrorKind, { readonly request: string; readonly message: string; readonly start: string }>
> = {
  unavailable: {
    request: '503 `dependency_unavailable` with `retry-after`',
    message: 'kept unacked; its transaction is retried with pauses up to 2 s, and those behind it wait',
    start: 'waits with pauses up to 2 s',
  },
  contended: {
    request: '503 `dependency_unavailable` with `retry-after`',
    message: 'kept unacked and retried by itself; those behind it overtake it',
    start: 'waits with pauses up to 2 s',
  },
  input: {
    request: '500 `internal`, logged: bad input is refused before it gets there',
    message: 'dead-lettered after three attempts, alone',
    start: 'ends, with the error',
  },
  defect: {
    request: '500 `internal`, logged',
    message: 'dead-lettered after three attempts, alone: it can be replayed once the program is fixed',
    start: 'ends, with the error',
  },
};
