import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandText, statementText, withoutLiterals } from './statement.ts';

test('a bound statement stays as it is', () => {
  const text = `select "u"."id", t1.c2 from users_2 as u where lower(email) = lower($1) and "we'ird" = $12`;
  assert.equal(withoutLiterals(text), text);
});

test('a literal in a statement is not recorded, however it is written', () => {
  for (const literal of [
    `'secret'`,
    `'it''s secret'`,
    `E'it\\'s secret'`,
    `e'\\\\' || 'secret'`,
    `'\\' || 'secret'`,
    `U&'\\0061secret'`,
    `N'secret'`,
    `x'5ec2e7'`,
    `$$secret$$`,
    `$tag$ 'secret' $$ secret $tag$`,
    `'secret`,
    `$$ secret`,
    `E'secret`,
    `'sec\nret'`,
    `1 /* secret */`,
    `1 /* secret`,
    `1 -- secret`,
    `51234567890`,
    `-5.1234e10`,
    `.51234`,
    `0x5ec2e7`,
    `5_123_456`,
    `'a' 'secret'`,
    `"name" || 'secret' || "other"`,
  ]) {
    const told = withoutLiterals(`select ${literal}`);
    assert.doesNotMatch(told, /sec|ret|5|1234|e7/, `${literal}: ${told}`);
    assert.ok(told.startsWith('select '), told);
  }
});

test('what follows a literal is recorded', () => {
  assert.equal(
    withoutLiterals(`insert into users (email) values ('a''b', 7, E'\\'', $$x$$) returning id`),
    'insert into users (email) values (?, ?, ?, ?) returning id',
  );
});

test('a statement is one line; a quoted name keeps its white space', () => {
  assert.equal(withoutLiterals('select 1\n    from\t"a  b"\n'), 'select ? from "a  b" ');
});

test('many statements are not all remembered, and each is recorded correctly', () => {
  for (let n = 0; n < 1000; n += 1) assert.equal(statementText(`select '${n}', $${n}`), `select ?, $${n}`);
});

test('a command of Redis is recorded without keys and values', () => {
  assert.equal(commandText('get', ['catalogue:entry:1']), 'get ?');
  assert.equal(commandText('multi', []), 'multi');
  assert.equal(commandText('eval', ['script', 1, 'key', 'secret']), 'eval ? … (4)');
});
