import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aSpan } from '../testing/figures.ts';
import { whyFiguresInvalid } from './validity.ts';

const calibration_ms: [number, number] = [10, 10];

test('while the mesh is busy, foreign processes may take a tenth of the CPU in use', () => {
  const quiet = aSpan({ services: 9000, others: 1000 });
  assert.deepEqual(whyFiguresInvalid({ spans: [quiet], calibration_ms }, 2), []);
  const disturbed = aSpan({ services: 8000, others: 2000 });
  assert.deepEqual(whyFiguresInvalid({ spans: [quiet, disturbed], calibration_ms }, 2), [
    'load: Foreign processes took 20 % of the CPU, over 10 %; 0 % went to other machines',
  ]);
});

test('at rest it is a tenth of the whole machine: the mesh itself uses less', () => {
  // of 2 × 10 s
  const quiet = aSpan({ services: 700, others: 1900 }, { name: 'idle', busy: false });
  assert.deepEqual(whyFiguresInvalid({ spans: [quiet], calibration_ms }, 2), []);
  const disturbed = aSpan({ services: 700, others: 3000 }, { name: 'idle', busy: false });
  assert.deepEqual(whyFiguresInvalid({ spans: [disturbed], calibration_ms }, 2), [
    'idle: Foreign processes took 15 % of the whole machine, over 10 %',
  ]);
  const stolen = aSpan({ services: 700 }, { name: 'idle', busy: false, stolen_ms: 3000 });
  assert.equal(whyFiguresInvalid({ spans: [stolen], calibration_ms }, 2).length, 1);
});

test('a machine that became slower proves nothing', () => {
  assert.deepEqual(whyFiguresInvalid({ spans: [aSpan()], calibration_ms: [10, 14] }, 2), [
    'The machine drifted by 40 %, over 30 %',
  ]);
});
