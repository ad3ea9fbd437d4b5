/** The SQL access this package needs; the service kit's database gives it. */

/** Runs one statement, `$1` placeholders. */
export interface Sql {
  query<Row>(text: string, params?: readonly unknown[]): Promise<Row[]>;
}

/** {@link Sql} that can put several statements in one transaction. */
export interface TransactionalSql extends Sql {
  /**
   * Commits when `work` resolves, rolls back when it throws. With a limit a statement that waits longer than that for a
   * lock fails with 55P03 (lock not available), milliseconds.
   */
  transaction<T>(work: (tx: Sql) => Promise<T>, lockTimeoutMs?: number): Promise<T>;
}
