import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorText, loggableError, messageWithoutValues } from './error-text.ts';

/** An error with the shape of the ones `pg` makes. */
function databaseError(message: string, members: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), { code: '22P02', severity: 'ERROR', ...members });
}

test('names of the schema are kept, values are not', () => {
  for (const [message, told] of [
    ['duplicate key value violates unique constraint "users_email_key"', undefined],
    ['null value in column "name" of relation "users" violates not-null constraint', undefined],
    ['canceling statement due to statement timeout', undefined],
    ['invalid input syntax for type integer: "secret"', 'invalid input syntax for type integer: "?"'],
    [
      'invalid input syntax for type integer: "a" constraint "secret"',
      'invalid input syntax for type integer: "?"',
    ],
    ['value "secret" is out of range for type integer', 'value "?" is out of range for type integer'],
    ['syntax error at or near "secret"', 'syntax error at or near "?"'],
    ['unterminated quoted string at or near "\'secret', 'unterminated quoted string at or near "?"'],
    ['column "a" is of type "b", not "secret"', 'column "a" is of type "b", not "?"'],
  ] as const) {
    assert.equal(messageWithoutValues(message), told ?? message);
  }
});

test('an error of the database is logged without the values that come with it', () => {
  const told = loggableError(
    databaseError('duplicate key value violates unique constraint "users_email_key"', {
      code: '23505',
      detail: 'Key (lower(email))=(secret@example.com) already exists.',
      where: "unnamed portal with parameters: $1 = 'secret'",
      hint: 'secret',
      internalQuery: "select 'secret'",
      query: "insert 'secret'",
      parameters: ['secret'],
      constraint: 'users_email_key',
    }),
  );
  assert.doesNotMatch(JSON.stringify(told), /secret/);
  assert.equal(told['code'], '23505');
  assert.equal(told['constraint'], 'users_email_key');
  assert.match(told.stack ?? '', /^Error: duplicate key .*\n\s+at /);
});

test('neither in its message, nor in its stack, nor in what caused it', () => {
  const cause = databaseError('invalid input syntax for type integer: "secret"');
  const parse = () => JSON.parse('secret');
  assert.throws(
    parse,
    (error) => /secret/.test(String(error)) && !/secret/.test(JSON.stringify(loggableError(error))),
  );
  const told = loggableError(new AggregateError([new Error('outer', { cause })], 'several', { cause }));
  assert.doesNotMatch(JSON.stringify(told), /secret/);
  assert.match(JSON.stringify(told), /22P02/);
});

test('what Redis was asked is not logged', () => {
  const error = Object.assign(new Error('OOM command not allowed'), {
    command: { name: 'set', args: ['catalogue:entry:1', 'secret'] },
    previousErrors: [{ message: 'secret' }],
  });
  assert.doesNotMatch(JSON.stringify(loggableError(error)), /secret/);
});

test('what is not an error is logged by its kind, and a circle of causes ends', () => {
  assert.deepEqual(loggableError({ password: 'secret' }), {
    type: 'object',
    message: 'not an error (object)',
  });
  assert.equal(errorText('a sentence'), 'a sentence');
  const circle = new Error('circle');
  circle.cause = circle;
  assert.equal(loggableError(circle).message, 'circle');
});

test('other messages stay whole: the broker quotes names of queues', () => {
  const message = 'Channel closed by server: 404 with message "NOT_FOUND - no queue \'products.orders\'"';
  assert.equal(errorText(Object.assign(new Error(message), { code: 404 })), message);
});
