import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aRun } from '../testing/runs.ts';
import { foreignShare, whyInvalid } from './validity.ts';

const sides = ['on', 'off'] as const;

test('a quiet machine proves something', () => {
  assert.deepEqual(whyInvalid([aRun(), aRun()], sides), []);
  // just within each limit
  const edge = aRun({ others: 1000, services: 8000 }, { calibration_ms: [10, 12.9] });
  assert.equal(foreignShare(edge), 0.1);
  assert.deepEqual(whyInvalid([edge, aRun()], sides), []);
});

test('a machine that became slower proves nothing, within a run or between the two', () => {
  const within = whyInvalid([aRun({}, { calibration_ms: [10, 14] }), aRun()], sides);
  assert.deepEqual(within, ['The machine drifted by 40 %, over 30 %']);
  const between = whyInvalid([aRun(), aRun({}, { calibration_ms: [7, 7] })], sides);
  assert.deepEqual(between, ['The machine drifted by 43 %, over 30 %']);
  assert.equal(whyInvalid([aRun({}, { calibration_ms: [Number.NaN, 10] }), aRun()], sides).length, 1);
});

test('foreign processes over a tenth make a run worthless: seen, hidden, or on another machine', () => {
  const seen = whyInvalid([aRun(), aRun({ others: 2000 })], sides);
  assert.deepEqual(seen, [
    'off: Foreign processes took 17 % of the CPU, over 10 %; 0 % went to other machines',
  ]);
  assert.match(whyInvalid([aRun({ rest: 2000 }), aRun()], sides).join(), /^on: Foreign processes took 17 %/);
  const stolen = whyInvalid([aRun({}, { stolen_ms: 2000 }), aRun()], sides);
  assert.match(stolen.join(), /17 % of the CPU, over 10 %; 17 % went to other machines/);
});

test('processes that claim more than there was are not believed', () => {
  const wrong = aRun({ services: 9000, client: 1000, rest: -2000 });
  assert.deepEqual(whyInvalid([wrong, aRun()], sides), [
    'on: The processes claim 25 % more CPU than the kernel',
  ]);
});

test('refused orders, and orders that left not what they must, make a run worthless', () => {
  assert.deepEqual(whyInvalid([aRun({}, { refused: 30 }), aRun()], sides), [
    'on: 30 of 1030 orders were refused',
  ]);
  assert.deepEqual(whyInvalid([aRun({}, { refused: 20 }), aRun()], sides), []);
  assert.deepEqual(whyInvalid([aRun(), aRun({}, { fault: 'Trace 1 is not whole' })], sides), [
    'off: Trace 1 is not whole',
  ]);
});
