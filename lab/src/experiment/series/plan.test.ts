import assert from 'node:assert/strict';
import { test } from 'node:test';
import { experiments } from '../../../experiments/index.ts';
import { experimentOf, type SeriesPlan } from './plan.ts';

const plan: SeriesPlan = { names: [], mutants: [], seed: 1, repeat: 1, full: true, lengths: {} };

function seconds(name: string, change: Partial<SeriesPlan> = {}) {
  const mutant = name.endsWith('.mutant');
  return experimentOf({ name, mutant, round: 1 }, { ...plan, ...change }, experiments).seconds;
}

test('in the full form every phase is three times as long, and so is the fault of most experiments', () => {
  assert.deepEqual(seconds('abort-30', { full: false }), { steady: 10, fault: 10, heal: 15 });
  assert.deepEqual(seconds('abort-30'), { steady: 30, fault: 30, heal: 45 });
});

test('a failover is no longer in the full form, in that of the mutant neither', () => {
  for (const name of ['postgres-read-only', 'postgres-read-only.mutant']) {
    assert.deepEqual(seconds(name), { steady: 30, fault: 20, heal: 45 });
    assert.deepEqual(seconds(name, { lengths: { fault: 40 } }), { steady: 30, fault: 40, heal: 45 });
  }
});

test('buyers who repeat have patience for the fault that refuses them until it ends, in both forms', () => {
  const patient = experiments.filter(
    ({ load, fault }) => load.repeats !== undefined && fault.kind === 'read-only',
  );
  assert.notEqual(patient.length, 0);
  for (const { name, load } of patient) {
    const patience = ((load.repeats ?? 0) * (load.repeat_after_ms ?? 200)) / 1000;
    for (const full of [false, true]) {
      const { fault } = seconds(name, { full });
      assert.ok(patience > fault, `${name}: ${patience} s of patience for ${fault} s`);
    }
  }
});
