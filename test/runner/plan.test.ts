import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fullRun, testGroups } from '@microshop/cli/commands/test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { alone, early, instanceOf, jobs, mayBegin, stages } from './plan.ts';

const planned = stages.flatMap(({ jobs: ofStage }) => ofStage);

test('every group is part of the whole run, and nothing runs twice', () => {
  const groups = new Set<string>(planned.map(({ group }) => group));
  assert.deepEqual(
    testGroups.filter(({ name }) => !groups.has(name)),
    [],
  );
  assert.equal(new Set(planned.map(({ name }) => name)).size, planned.length);
  // a part and the whole of its group would run the same files
  for (const { name, group } of planned) {
    if (name === group) assert.equal(planned.filter((job) => job.group === group).length, 1, group);
  }
});

const named = (name: string) => planned.find((job) => job.name === name) ?? assert.fail(name);

test('two jobs that compute run at a time, in whatever lanes, and others beside them', () => {
  const computing = ['unit', 'integration'].map(named);
  for (const name of ['lifecycle', 'kubernetes']) {
    assert.equal(mayBegin(named(name), computing), false, name);
    assert.equal(mayBegin(named(name), [...computing.slice(1), named('docs')]), true, name);
  }
  assert.equal(mayBegin(named('docs'), computing), true);
});

test('where clients must notice nothing of parts that are replaced, the other one of that kind waits', () => {
  assert.equal(mayBegin(named('lifecycle'), [named('kubernetes')]), false);
  assert.equal(mayBegin(named('kubernetes'), [named('lifecycle'), named('docs')]), false);
  assert.equal(mayBegin(named('kubernetes'), [named('integration'), named('docs')]), true);
});

test('what has the engine runs alone; the browser beside it only in a network of its own', () => {
  for (const [name, other, ownNetwork, may] of [
    ['compose', 'kubernetes', true, false],
    ['kubernetes', 'compose', false, false],
    ['browser', 'compose', true, true],
    ['browser', 'compose', false, false],
    ['kubernetes', 'browser', true, true],
    ['kubernetes', 'browser', false, false],
  ] as const) {
    assert.equal(mayBegin(named(name), [named('unit')], ownNetwork), true);
    assert.equal(mayBegin(named(name), [named('unit'), named(other)], ownNetwork), may, `${name}, ${other}`);
  }
});

test('the mesh that one job leaves up is taken by one that comes after it and never runs beside it', () => {
  const having = (mesh: 'leave' | 'take') => planned.filter((job) => job.mesh === mesh);
  const [[leaving, ...more], [taking, ...others]] = [having('leave'), having('take')];
  assert.ok(leaving !== undefined && taking !== undefined);
  assert.deepEqual([more, others], [[], []]);
  assert.ok(planned.indexOf(leaving) < planned.indexOf(taking));
  assert.equal(mayBegin(taking, [leaving]), false);
});

test('what other work would spoil runs beside the unit tests, and beside nothing else', () => {
  const [quiet, unit, ...others] = ['alone', 'unit', 'lint', 'compose', 'e2e-2', 'docs'].map(named);
  assert.ok(quiet !== undefined && unit !== undefined);
  assert.deepEqual([mayBegin(quiet, [unit]), mayBegin(unit, [quiet])], [true, true]);
  for (const other of others) {
    assert.equal(mayBegin(quiet, [unit, other]), false, other.name);
    assert.equal(mayBegin(other, [quiet]), false, other.name);
  }
  // in a free lane it is the first one that may begin
  const lanes = stages.find(({ jobs: ofStage }) => ofStage.includes(quiet)) ?? assert.fail();
  assert.equal(lanes.jobs[0], quiet);
});

test('every job can be started by its name', () => {
  assert.deepEqual(
    planned.filter((job) => !jobs.some(({ name }) => name === job.name)),
    [],
  );
});

test('what only a full run has is a job that counts for its group, and no part of the whole run', () => {
  const job = jobs.find(({ name }) => name === fullRun.job) ?? assert.fail(fullRun.job);
  assert.equal(job.group, fullRun.group);
  assert.ok(planned.some(({ name }) => name === fullRun.group));
  assert.ok(!planned.some(({ name }) => name === fullRun.job));
});

test('every file that is named for a lane is there, and is named once', () => {
  const files = [...Object.keys(alone), ...early.map((file) => `e2e/${file}`)];
  assert.deepEqual(
    files.filter((file) => !existsSync(path.join(repositoryRoot, 'test', file))),
    [],
  );
  assert.equal(new Set(files).size, files.length);
});

test('the meshes of lanes are the one of the tests and those below it; one that would have none is refused', () => {
  const unit = named('unit');
  assert.deepEqual(
    [0, 1, 2].map((lane) => instanceOf(unit, lane, {})),
    ['9', '8', '7'],
  );
  const handedOn = planned.filter(({ mesh }) => mesh !== undefined);
  assert.deepEqual(
    handedOn.map((job) => instanceOf(job, 1, {})),
    ['6', '6'],
  );
  assert.equal(instanceOf(unit, 2, { MESH_TEST_INSTANCE: '4' }), '2');
  for (const wrong of ['3', '10', 'nine']) {
    assert.throws(
      () => instanceOf(unit, 0, { MESH_TEST_INSTANCE: wrong }),
      /MESH_TEST_INSTANCE .*from 4 to 9/,
    );
  }
});
