import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { checkPartName } from '@microshop/native/supervision/mesh';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { nativePlacement, policiesWith } from '@microshop/topology';
import { experiments } from '../../experiments/index.ts';
import { edited } from '../mutants/edits.ts';
import { faultCommand, mutantOf, partsOf } from './definition.ts';

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
    for (const { least, most } of experiment.limits) assert.ok(least !== undefined || most !== undefined);
    const { fault, throughout } = experiment;
    // the end of the one would end the other as well
    if (throughout !== undefined && fault.kind === 'calls')
      assert.notEqual(throughout.service, fault.service);
    for (const part of partsOf(experiment.fault)) {
      checkPartName(part, nativePlacement({ replicas: experiment.replicas ?? {} }));
    }
  });

  test(`the mutant of ${experiment.name} takes something away that can be taken away`, () => {
    const { mutant } = experiment;
    const changed = mutantOf(experiment);
    const { load, policies = [], limits } = experiment;
    assert.notDeepEqual(
      [changed.load, changed.policies, changed.limits, changed.code, changed.fault],
      [load, policies, limits, undefined, experiment.fault],
    );
    for (const edit of changed.code?.edits ?? []) {
      // throws unless its place is there, once
      edited(readFileSync(path.join(repositoryRoot, edit.file), 'utf8'), edit);
    }
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
  assert.equal(
    faultCommand({ kind: 'surge', load: { rate: 24, repeats: 3 } }),
    'REPEATS=3 ./mesh load smoke --rate 24',
  );
  assert.equal(faultCommand({ kind: 'kill', part: 'products' }), './mesh fault process products --kill');
  assert.equal(
    faultCommand({ kind: 'kill', part: 'orders', holding: 'events' }),
    './mesh fault process rabbitmq --down; ./mesh fault process orders --kill',
  );
  assert.equal(
    faultCommand({
      kind: 'timeline',
      faults: [
        { kind: 'calls', service: 'users', abort: 503, at_ms: 500, for_ms: 2000 },
        { kind: 'kill', part: 'orders', at_ms: 0 },
      ],
    }),
    'at 500ms ./mesh fault set users --abort 503 --for 2s; at 0s ./mesh fault process orders --kill',
  );
  assert.equal(
    faultCommand({
      kind: 'together',
      faults: [
        { kind: 'down', part: 'jaeger' },
        { kind: 'read-only', part: 'postgres' },
      ],
    }),
    './mesh fault process jaeger --down; ./mesh fault process postgres --read-only',
  );
});
