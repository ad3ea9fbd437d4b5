import assert from 'node:assert/strict';
import { test } from 'node:test';
import { units } from '../panels/units.ts';
import { formatted } from './format.ts';

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
