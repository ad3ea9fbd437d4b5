import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { EndedError, NoAnswerError, UnknownNameError } from '@microshop/program-kit/http-json';
import { type Asked, isPart, rowOf } from './status-in-containers.ts';

const row = (asked: Asked) => rowOf(asked).map(stripVTControlCharacters);

test('a row says once what a part does, and why', () => {
  assert.deepEqual(row({ name: 'users', status: 200 }), ['users', 'answers', '']);
  assert.deepEqual(row({ name: 'users', status: 404 }), ['users', 'answers', '']);
  assert.deepEqual(row({ name: 'users', status: 503 }), ['users', 'answers 503', '']);
  assert.deepEqual(row({ name: 'jaeger', error: new NoAnswerError('jaeger', 'nothing within 5 s') }), [
    'jaeger',
    'does not answer',
    'nothing within 5 s',
  ]);
  const ended = new EndedError('jaeger ended during the request', 'jaeger');
  assert.equal(row({ name: 'jaeger', error: ended }).at(-1), ended.message);
});

test('only a Grafana whose name nobody knows was left out on purpose', () => {
  assert.equal(isPart({ name: 'grafana', error: new UnknownNameError('grafana') }), false);
  assert.equal(isPart({ name: 'grafana', error: new NoAnswerError('grafana', 'connection refused') }), true);
  assert.equal(isPart({ name: 'jaeger', error: new UnknownNameError('jaeger') }), true);
});
