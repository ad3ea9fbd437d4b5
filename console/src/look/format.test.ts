import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ageText,
  attemptsText,
  millisecondsText,
  moneyText,
  rateText,
  shareText,
  unbroken,
} from './format.ts';

/** As it reads, whatever a line may end with. */
const read = (text: string) => text.replaceAll('\u00a0', ' ');

test('figures have as many digits as mean something, and a dash for what is not known', () => {
  assert.deepEqual([0, 0.44, 9.96, 12.4, null].map(rateText), ['0/s', '0.4/s', '10/s', '12/s', '–']);
  assert.deepEqual([0.42, 12.4, 1250, null].map(millisecondsText).map(read), [
    '0.4 ms',
    '12 ms',
    '1.25 s',
    '–',
  ]);
  assert.deepEqual([0.4, 119, 180, 7200, null].map(ageText).map(read), ['0 s', '119 s', '3 min', '2 h', '–']);
  assert.deepEqual([1, 1.428, null].map(attemptsText), ['1.00', '1.43', '–']);
});

test('what is not all is not called all, and what is some is not called none', () => {
  assert.deepEqual([1, 0.99999, 0.972, 0, null].map(shareText).map(read), [
    '100 %',
    '99.9 %',
    '97.2 %',
    '0 %',
    '–',
  ]);
  assert.deepEqual([0.0004, 0.001].map(shareText).map(read), ['< 0.1 %', '0.1 %']);
});

test('no line ends between a figure and its unit', () => {
  const figures = [
    ...[1, 0.99999, 0.0004, 0].map(shareText),
    ...[0.42, 1250].map(millisecondsText),
    ...[1, 180, 7200].map(ageText),
    moneyText(24.9),
  ];
  assert.deepEqual(
    figures.filter((text) => text.includes(' ')),
    [],
  );
  const fault = 'delayed by 400 ms, 30 %, of 12 services in 3 min';
  assert.equal(unbroken(fault), 'delayed by 400\u00a0ms, 30\u00a0%, of 12 services in 3\u00a0min');
});
