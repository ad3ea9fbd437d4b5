import assert from 'node:assert/strict';
import { test } from 'node:test';
import { raw } from '@mikro-orm/core';
import { bindStatement } from './bound-driver.ts';

test('a value becomes a placeholder, whatever it holds', () => {
  const { text, values } = bindStatement('select * from ?? where "email" = ? and "name" = ?', [
    'users',
    "o'hara?@example.com",
    '$1 ?',
  ]);
  assert.equal(text, 'select * from "users" where "email" = $1 and "name" = $2');
  assert.deepEqual(values, ["o'hara?@example.com", '$1 ?']);
});

test('a list becomes as many placeholders', () => {
  const { text, values } = bindStatement('"id" in (?) and "name" = ?', [[3, 5], 'a']);
  assert.equal(text, '"id" in ($1, $2) and "name" = $3');
  assert.deepEqual(values, [3, 5, 'a']);
});

test('a fragment of SQL stays one, its values are bound', () => {
  const { text, values } = bindStatement('"at" > ? and "name" = ?', [
    raw('now() - ?::interval', ['1 day']),
    'a',
  ]);
  assert.equal(text, '"at" > now() - $1::interval and "name" = $2');
  assert.deepEqual(values, ['1 day', 'a']);
});

test('values that are no text are bound too', () => {
  const at = new Date(0);
  const values = [null, true, 1.5, at, Buffer.from('a')];
  const bound = bindStatement('values (?, ?, ?, ?, ?)', values);
  assert.equal(bound.text, 'values ($1, $2, $3, $4, $5)');
  assert.deepEqual(bound.values, values);
});

test('one statement does not know the values of another', () => {
  bindStatement('select ?', ['first']);
  assert.deepEqual(bindStatement('select ?', ['second']), { text: 'select $1', values: ['second'] });
});
