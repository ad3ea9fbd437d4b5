import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageText, attemptsText, millisecondsText, rateText, shareText } from './format.ts';

test('figures have as many digits as mean something, and a dash for what is not known', () => {
  assert.deepEqual([0, 0.44, 9.96, 12.4, null].map(rateText), ['0/s', '0.4/s', '10/s', '12/s', '–']);
  assert.deepEqual([0.42, 12.4, 1250, null].map(millisecondsText), ['0.4 ms', '12 ms', '1.25 s', '–']);
  assert.deepEqual([0.4, 119, 180, 7200, null].map(ageText), ['0 s', '119 s', '3 min', '2 h', '–']);
  assert.deepEqual([1, 1.428, null].map(attemptsText), ['1.00', '1.43', '–']);
});

test('what is not all is not called all, and what is some is not called none', () => {
  assert.deepEqual([1, 0.99999, 0.972, 0, null].map(shareText), ['100 %', '99.9 %', '97.2 %', '0 %', '–']);
  assert.deepEqual([0.0004, 0.001].map(shareText), ['< 0.1 %', '0.1 %']);
});
