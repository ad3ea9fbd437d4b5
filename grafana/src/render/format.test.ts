import assert from 'node:assert/strict';
import { test } from 'node:test';
import { units } from '../panels/units.ts';
import { axisUnit, briefly, formatted } from './format.ts';

test('values have three digits and their unit', () => {
  const shown: readonly (readonly [number, string, string])[] = [
    [0.0000871, 's', '87.1 µs'],
    [0.4321, 's', '432 ms'],
    [1.25, 's', '1.25 s'],
    [125, 's', '2.08 min'],
    [43_200, 's', '12 h'],
    [988.4, 'ms', '988 ms'],
    [0, 's', '0'],
    [0.0495, 'percentunit', '4.95 %'],
    [10.04, 'reqps', '10 req/s'],
    [-0.5, 's', '-500 ms'],
    [9.66, 'suffix: orders/s', '9.66 orders/s'],
    [104_857_600, 'bytes', '100 MiB'],
    [12_345, 'short', '12.3K'],
  ];
  assert.deepEqual(
    shown.map(([value, unit]) => formatted(value, unit)),
    shown.map(([, , text]) => text),
  );
});

test('every unit of the panels is known', () => {
  for (const unit of Object.values(units)) assert.notEqual(formatted(90_000, unit), `90K ${unit}`);
});

test('a unit that is not known stands by its name', () => {
  assert.equal(formatted(2, 'conmin'), '2 conmin');
});

test('without a name that the axis has: sizes and percent keep theirs', () => {
  assert.equal(briefly(10.04, 'reqps'), '10');
  assert.equal(briefly(3, 'suffix: orders/s'), '3');
  assert.equal(briefly(0.0495, 'percentunit'), '4.95 %');
  assert.equal(briefly(0.4321, 's'), '432 ms');
});

test('an axis counts in the size of its largest value', () => {
  assert.equal(axisUnit(200 * 1024 ** 2, 'bytes'), 1024 ** 2);
  assert.equal(axisUnit(3000, 's'), 60);
  assert.equal(axisUnit(900, 'ms'), 1);
  assert.equal(axisUnit(1800, 'ms'), 1000);
  assert.equal(axisUnit(12, 'reqps'), 1);
});
