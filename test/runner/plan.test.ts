import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { testGroups } from '@microshop/cli/commands/test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { alone, early, instanceOf, jobs, stages } from './plan.ts';

const planned = stages.flatMap(({ jobs: ofStage }) => ofStage);

test('every group is part of the whole run, and nothing runs twice', () => {
  const groups = new Set(planned.map(({ group }) => group));
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

test('every job can be started by its name', () => {
  assert.deepEqual(
    planned.filter((job) => !jobs.some(({ name }) => name === job.name)),
    [],
  );
});

test('every file that is named for a lane is there, and is named once', () => {
  const named = [...Object.keys(alone), ...early.map((file) => `e2e/${file}`)];
  assert.deepEqual(
    named.filter((file) => !existsSync(path.join(repositoryRoot, 'test', file))),
    [],
  );
  assert.equal(new Set(named).size, named.length);
});

test('the meshes of lanes are the one of the tests and those below it; one that would have none is refused', () => {
  assert.deepEqual(
    [0, 1].map((lane) => instanceOf(lane, {})),
    ['9', '8'],
  );
  assert.equal(instanceOf(1, { MESH_TEST_INSTANCE: '2' }), '1');
  for (const wrong of ['1', '10', 'nine']) {
    assert.throws(() => instanceOf(0, { MESH_TEST_INSTANCE: wrong }), /MESH_TEST_INSTANCE .*from 2 to 9/);
  }
});
