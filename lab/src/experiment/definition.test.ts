import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPartName } from '@microshop/native/supervision/mesh';
import { nativePlacement, policiesWith } from '@microshop/topology';
import { experiments } from '../../experiments/index.ts';
import { faultCommand, mutantOf } from './definition.ts';

/** Experiments whose mutant is a sabotaged limit, at most: the others take a protection away. */
const mostSabotaged = 5;

test('each experiment has a name of its own that can be a folder', () => {
  const names = experiments.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[a-z][a-z0-9-]*$/);
});

for (const experiment of experiments) {
  test(`${experiment.name} has a claim, limits, and a fault of a part that there is`, () => {
    assert.match(experiment.hypothesis, /^[A-Z].*\.$/s);
    assert.ok(experiment.limits.length > 0);
    for (const { least, most } of experiment.limits) assert.notEqual(least === undefined, most === undefined);
    if (experiment.fault.kind !== 'calls') checkPartName(experiment.fault.part, nativePlacement());
  });

  test(`the mutant of ${experiment.name} takes something away that can be taken away`, () => {
    const { mutant } = experiment;
    const changed = mutantOf(experiment);
    const { load, policies = [], limits } = experiment;
    assert.notDeepEqual([changed.load, changed.policies, changed.limits], [load, policies, limits]);
    assert.equal(mutant.sabotaged === true, mutant.limits !== undefined);
    for (const one of [experiment, changed]) {
      // throws for a policy that the mesh would refuse
      policiesWith(one.policies ?? []);
    }
  });
}

test('few limits are sabotaged', () => {
  assert.ok(experiments.filter(({ mutant }) => mutant.sabotaged).length <= mostSabotaged);
});

test('a fault is named as a person sets it', () => {
  assert.equal(
    faultCommand({ kind: 'calls', service: 'products', abort: 503, percent: 30, from: 'orders' }),
    './mesh fault set products --abort 503 --percent 30 --from orders',
  );
  assert.equal(
    faultCommand({ kind: 'calls', service: 'users', delay_ms: 300, replace_answer: 503 }),
    './mesh fault set users --delay 300ms --replace-answer 503',
  );
  assert.equal(faultCommand({ kind: 'kill', part: 'products' }), './mesh fault process products --kill');
});
