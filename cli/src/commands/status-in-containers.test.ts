import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { EndedError, NoAnswerError } from '@microshop/program-kit/http-json';
import type { Asked } from '../mesh/container-parts.ts';
import { rowOf } from './status-in-containers.ts';

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
