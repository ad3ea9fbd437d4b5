import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aMeasurement, keptFigures } from '../testing/figures.ts';
import { figureLines, figureTable, figureText, measurementLine } from './lines.ts';

const three = [aMeasurement(0, 900), aMeasurement(1, 1000), aMeasurement(2, 1100)];

test('a number has the digits that say something', () => {
  assert.deepEqual([1197.4, 67.26, 1.004].map(figureText), ['1197', '67.3', '1.00']);
});

test('figures have their median, least and most, and what most of them is', () => {
  const text = figureLines(keptFigures(three)).join('\n');
  assert.match(text, /VALID: measured 3 times/);
  assert.match(text, /memory, MiB +1000 \(900–1100\) +services 700, Jaeger 300$/m);
  assert.match(text, /orders +10000$/m);
});

test('what proves nothing is no result, in lines and in tables', () => {
  const invalid = aMeasurement(2, 1100, ['The machine drifted by 40 %, over 30 %']);
  assert.match(measurementLine(invalid, 3), /3 of 3: .*; INVALID: The machine drifted by 40 %/);
  const disturbed = keptFigures([...three.slice(0, 2), invalid]);
  assert.match(figureLines(disturbed).join('\n'), /INVALID: 1 of 3 measurements prove nothing/);
  assert.throws(() => figureTable([disturbed]), /rest has 2 valid measurements of 3/);
  const some = keptFigures(three.slice(0, 1));
  assert.match(figureLines(some).join('\n'), /1 of 3 measurements so far/);
  assert.throws(() => figureTable([some]), /rest has 1 valid measurements of 3/);
});

test('a table for a page says what is measured once', () => {
  assert.deepEqual(figureTable([keptFigures(three)]).slice(2), [
    '| what the mesh takes at rest | memory, MiB | 1000 (900–1100) | services 700, Jaeger 300 |',
    '|  | orders | 10000 |  |',
  ]);
});
