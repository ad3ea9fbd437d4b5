import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from './errors.ts';

test('a server that cannot be reached is described in words, however it was asked', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
  assert.equal(messageOf(refused), 'connection refused');
  assert.equal(messageOf(new TypeError('fetch failed', { cause: refused })), 'connection refused');
});

test('anything else keeps its own words', () => {
  assert.equal(messageOf(new Error('x', { cause: new Error('y') })), 'x');
  assert.equal(messageOf('x'), 'x');
});
