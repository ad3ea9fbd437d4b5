/** How a service begins on its database: replicas at once, migrations that take long, and settings that are wrong. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Migration } from '@mikro-orm/migrations';
import { emptyDatabase, openScratch } from '../harness/scratch.ts';

/** Longer than a statement that serves a request may take (3 s). */
class TakesLong extends Migration {
  override up(): void {
    this.addSql('select pg_sleep(3.5)');
    this.addSql('create table made_once (id integer)');
  }
}

async function urlOfEmpty(t: TestContext): Promise<string> {
  const { url, drop } = await emptyDatabase();
  t.after(drop);
  return url;
}

test('three replicas begin at once with a migration that takes long: it runs once, and all are open', async (t) => {
  const url = await urlOfEmpty(t);
  const migrations = [{ name: '001-takes-long', class: TakesLong }];
  const replicas = await Promise.all([1, 2, 3].map(() => openScratch(url, migrations)));
  try {
    for (const { sql } of replicas) {
      const rows = await sql.query('select count(*)::int as n from made_once');
      assert.deepEqual(rows, [{ n: 0 }]);
    }
  } finally {
    await Promise.all(replicas.map((replica) => replica.close()));
  }
});

test('a migration that does not fit ends the start, too, and leaves nothing of it behind', async (t) => {
  class DoesNotFit extends Migration {
    override up(): void {
      this.addSql('create table half (id integer)');
      this.addSql('create table half (id integer)');
    }
  }
  const url = await urlOfEmpty(t);
  await assert.rejects(
    openScratch(url, [{ name: '001-does-not-fit', class: DoesNotFit }]),
    /"half" already exists/,
  );
  const database = await openScratch(url, []);
  try {
    assert.deepEqual(await database.sql.query("select to_regclass('half') as half"), [{ half: null }]);
  } finally {
    await database.close();
  }
});
