import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { failedByName, maxNamed, statementName } from './prepared.ts';

test('a text has one name, short enough for PostgreSQL, and texts do not share one', () => {
  const name = statementName('select $1::integer');
  assert.ok(name !== undefined && Buffer.byteLength(name) <= 63);
  assert.equal(statementName('select $1::integer'), name);
  assert.notEqual(statementName('select $1::integer '), name);
});

test('texts that are composed again each time get no names for ever; those that have one keep it', () => {
  const first = statementName('select $1::text');
  const named = Array.from({ length: maxNamed * 2 }, (_, index) => statementName(`select $1, ${index}`));
  assert.ok(named.filter((name) => name !== undefined).length < maxNamed);
  assert.equal(named.at(-1), undefined);
  assert.equal(statementName('select $1::text'), first);
});

test('only a failure by the name is one', () => {
  const failure = (code: string, routine?: string) =>
    Object.assign(new pg.DatabaseError('failed', 6, 'error'), { code, routine });
  assert.ok(failedByName(failure('26000')));
  assert.ok(failedByName(failure('42P05')));
  assert.ok(failedByName(failure('0A000', 'RevalidateCachedQuery')));
  assert.ok(!failedByName(failure('0A000', 'transformWhatever')));
  assert.ok(!failedByName(failure('40001')));
  assert.ok(!failedByName(new Error('26000')));
});
