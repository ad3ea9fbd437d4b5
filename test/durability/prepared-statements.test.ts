/** Plain SQL is prepared once for each connection, and a name that is lost costs no query its answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sql } from '@microshop/database';
import { databaseErrorKind } from '@microshop/database/errors';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { scratchDatabase } from '../harness/scratch.ts';

/** Names and texts of this session's prepared statements. Without values it has no name itself. */
const prepared = (sql: Sql) =>
  sql.query<{ name: string; uses: number }>(
    `select name, (generic_plans + custom_plans)::integer as uses from pg_prepared_statements`,
  );

const pid = async (sql: Sql) => (await sql.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid;

test('a statement with values is prepared once, under a name that is not cut', async (t) => {
  const { sql, close } = await scratchDatabase([]);
  t.after(close);
  await sql.transaction(async (tx) => {
    for (const value of [1, 2, 3]) {
      assert.deepEqual(await tx.query('select $1::integer as value', [value]), [{ value }]);
    }
    const [one, ...others] = await prepared(tx);
    assert.equal(others.length, 0);
    assert.equal(one?.uses, 3);
    assert.match(one?.name ?? '', /^s_[0-9a-f]{40}$/);
  });
});

test('a table that is changed under a prepared statement: it answers with the new column, alone and in a transaction', async (t) => {
  const { sql, close } = await scratchDatabase([]);
  t.after(close);
  await sql.query('create table things (id integer)');
  await sql.query('insert into things values ($1)', [1]);
  const read = (tx: Sql) => tx.query('select * from things where id >= $1', [0]);
  assert.deepEqual(await read(sql), [{ id: 1 }]);
  const before = await pid(sql);
  await sql.query('alter table things add column kind text');
  assert.deepEqual(await read(sql), [{ id: 1, kind: null }]);
  assert.notEqual(await pid(sql), before, 'a session with names that do not fit is not kept');

  assert.deepEqual(await read(sql), [{ id: 1, kind: null }]);
  await sql.query('alter table things drop column kind');
  const added = await sql.transaction(async (tx) => {
    await tx.query('insert into things values ($1)', [2]);
    return await read(tx);
  });
  assert.deepEqual(added, [{ id: 1 }, { id: 2 }], 'the transaction was made once');
});

test('names that the server has forgotten, or has from another client, cost no answer', async (t) => {
  const { sql, close } = await scratchDatabase([]);
  t.after(close);
  const read = (tx: Sql) => tx.query('select $1::text as value', ['a']);
  await read(sql);
  await sql.query('discard all');
  assert.deepEqual(await read(sql), [{ value: 'a' }]);

  const name = await sql.transaction(async (tx) => {
    await read(tx);
    return (await prepared(tx))[0]?.name ?? '';
  });
  // as a pooler does: the next transaction is in another session, in which another client has prepared the same
  await sql.query(`select pg_terminate_backend(pg_backend_pid())`).catch(() => undefined);
  await sql.query(`prepare ${name} as select $1::text as value`);
  assert.deepEqual(await read(sql), [{ value: 'a' }]);
});

test('the end of every connection in the middle: the next statement is prepared again', async (t) => {
  const { sql, close } = await scratchDatabase([]);
  t.after(close);
  const read = () => sql.query('select $1::text as value', ['a']);
  await Promise.all(Array.from({ length: 5 }, read));
  await sql.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  await sql.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
  // the pool may not yet have heard of the end of a connection: a query on one that it still gives out is "unavailable"
  const answer = await eventually('the pool has heard of the end of its connections', () =>
    read().catch((error: unknown) => {
      if (databaseErrorKind(error) !== 'unavailable') throw error;
      return undefined;
    }),
  );
  assert.deepEqual(answer, [{ value: 'a' }]);
});
