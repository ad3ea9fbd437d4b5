/** A database of which a test decides what fails. */
import type { Sql, TransactionalSql } from '@microshop/database/sql';

/** A database in which each message is new, and which fails as often as the test says. */
export function fakeDatabase(failures: unknown[] = []): TransactionalSql {
  const tx: Sql = {
    async query<Row>(text: string, params: readonly unknown[] = []): Promise<Row[]> {
      const [ids] = params;
      const rows: unknown =
        text.includes('insert into inbox') && Array.isArray(ids) ? ids.map((id) => ({ message_id: id })) : [];
      return isRows<Row>(rows) ? rows : [];
    },
  };
  return {
    ...tx,
    async transaction(work) {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return await work(tx);
    },
  };
}

function isRows<Row>(value: unknown): value is Row[] {
  return Array.isArray(value);
}
