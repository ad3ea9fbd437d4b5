import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorText, filesOf, single, sum } from './totals.ts';

test('the time of a file is that of its tests added up; the longest comes first, of all parts of a group', () => {
  const early = filesOf([
    { file: 'a', name: 'one', ms: 2 },
    { file: 'b', name: 'two', ms: 3 },
    { file: 'a', name: 'three', ms: 4 },
  ]);
  assert.deepEqual(early, [
    { file: 'a', ms: 6 },
    { file: 'b', ms: 3 },
  ]);
  const late = { ...single(true), longest: filesOf([{ file: 'c', name: 'four', ms: 5 }]) };
  assert.deepEqual(
    sum([{ ...single(true), longest: early }, late]).longest.map(({ file }) => file),
    ['a', 'c', 'b'],
  );
});

test('an error is repeated with its values, and a long one is cut', () => {
  const short = errorText(new assert.AssertionError({ actual: 5, expected: 4, operator: 'strictEqual' }));
  assert.match(short, /actual: 5,\s+expected: 4/);
  const long = errorText(new Error(Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n')));
  assert.equal(long.split('\n').length, 21);
  assert.match(long, /^Error: line 0\n/);
  assert.match(long, /\n\(\d+ lines more above\)$/);
});
