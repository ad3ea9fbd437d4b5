/** The orders that a bench puts into the tables are such as an audit finds nothing wrong with, however often they are put there. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { audit } from '@microshop/control/audit/routes';
import { deadLetterBook } from '@microshop/control/dead-letters/book';
import { keepOrders } from '@microshop/lab/bench/mesh/orders-in-tables';
import type { ShopServers } from './shop-servers.ts';

/** The test; it leaves tables without an order. */
export async function ordersInTables(t: TestContext, { sql, sources }: ShopServers): Promise<void> {
  const count = async (owner: 'orders' | 'products', table: string) => {
    const [row] = await sql<{ count: number }>(owner, `select count(*)::integer as count from ${table}`);
    return row?.count;
  };
  const broken = async () => {
    const found = await audit(sources, deadLetterBook(sources), { settleMs: 0, ledger: undefined });
    const wrong = found.invariants.filter(({ verdict }) => verdict === 'BROKEN');
    return { orders: found.orders.total, wrong: wrong.map(({ id }) => id) };
  };

  await t.test(
    'orders put into the tables pass an audit; too many are taken out, and a few more stay',
    async () => {
      // more than one statement's worth
      await keepOrders(sql, 12_000);
      assert.deepEqual(await broken(), { orders: 12_000, wrong: [] });
      for (const [owner, table, rows] of [
        ['orders', 'order_lines', 12_000],
        ['orders', 'inbox', 12_000],
        ['orders', 'outbox', 0],
        ['products', 'order_outcomes', 12_000],
        ['products', 'inbox', 12_000],
        ['products', 'outbox', 0],
      ] as const) {
        assert.equal(await count(owner, table), rows, `${owner}: ${table}`);
      }

      await keepOrders(sql, 12_500);
      assert.equal(await count('orders', 'orders'), 12_000);
      await keepOrders(sql, 1000);
      assert.deepEqual(await broken(), { orders: 1000, wrong: [] });

      await sql(
        'products',
        `delete from stock_movements where order_id = (select min(order_id) from order_outcomes)`,
      );
      assert.deepEqual((await broken()).wrong, ['I3a', 'I3b']);
    },
  );
  await keepOrders(sql, 0);
}
