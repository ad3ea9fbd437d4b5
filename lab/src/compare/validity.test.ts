import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RunFacts, whyInvalid } from './validity.ts';

const timeline = {
  steady: { from: 0, to: 2000 },
  fault: { from: 2000, to: 4000 },
  heal: { from: 4000, to: 5000 },
};

/** Twenty buyers per second, of whom all get their order but those who come during the fault. */
const answers = Array.from({ length: 100 }, (_, index) => ({
  key: String(index),
  status: index * 50 >= 2000 && index * 50 < 4000 ? 503 : 201,
  trace_id: 'abc',
  t: index * 50,
  ms: 10,
}));

const good: RunFacts = {
  interrupted: null,
  witness: { landed: true, saw: 'Envoy counted 30 aborts' },
  dropped: 0,
  rate: 20,
  answers,
  timeline,
  clock_step_ms: 0,
  primary: 'amplification',
  values: { success: 0, amplification: 1 },
};

test('a run counts however bad its figures are', () => {
  assert.deepEqual(whyInvalid(good), []);
});

for (const [what, facts, says] of [
  ['that was interrupted', { interrupted: 'it was interrupted' }, 'the run ended early: it was interrupted'],
  [
    'whose fault has no witness',
    { witness: { landed: false, saw: 'no call met it' } },
    'the fault has no witness: no call met it',
  ],
  [
    'in which the clock was set',
    { clock_step_ms: 3000 },
    'the clock of the machine was set by 3.0 s during the run',
  ],
  ['without a summary of k6', { dropped: null }, 'k6 left no summary'],
  ['whose load generator was starved', { dropped: 3 }, 'k6 dropped 3 iterations'],
  [
    'with too few buyers during the fault',
    { answers: answers.filter(({ t }) => t < 3500) },
    '15.0 buyers per second came in phase fault, not 20',
  ],
  [
    'with too few buyers before it',
    { answers: answers.filter(({ t }) => t >= 500) },
    '15.0 buyers per second came in phase steady, not 20',
  ],
  [
    'whose deciding figure was not measured',
    { values: { success: 0, amplification: null } },
    'amplification is not known',
  ],
  [
    'in which nobody came before the fault',
    { rate: 0.5, answers: answers.filter(({ t }) => t >= 2000) },
    '0.0 buyers per second came in phase steady, not 0.5',
  ],
  [
    'that began on a mesh that had not recovered',
    { answers: answers.map((one) => (one.t < 200 ? { ...one, status: 503 } : one)) },
    'the mesh was not healthy before the fault: 90.0 % of the buyers got an order',
  ],
] as const) {
  test(`a run ${what} does not count`, () => {
    assert.deepEqual(whyInvalid({ ...good, ...facts }), [says]);
  });
}
