import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAtLeast, isBetween, parseVersion, versionIn } from './programs.ts';

test('versions compare by number, not by letter', () => {
  assert.equal(isAtLeast('1.9.0', '1.10'), false);
  assert.equal(isAtLeast('1.10.0', '1.9.5'), true);
  assert.equal(isAtLeast('v2', '2.0'), true);
  assert.equal(isAtLeast('7.0.15', '7.0.15'), true);
});

test('a range leaves out its end', () => {
  assert.equal(isBetween('1.40.3', '1.40', '1.41'), true);
  assert.equal(isBetween('1.41.0', '1.40', '1.41'), false);
  assert.equal(isBetween('1.39.9', '1.40', '1.41'), false);
});

test('what is no version fits no range', () => {
  assert.equal(parseVersion('unknown'), undefined);
  assert.equal(isAtLeast('unknown', '0'), false);
  assert.equal(versionIn('no number here', /version (\d+)/), 'unknown');
});
