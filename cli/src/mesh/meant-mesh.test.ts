import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Meant, meansContainers } from './meant-mesh.ts';

const cases: readonly (readonly [string, Meant, boolean | 'not asked', boolean])[] = [
  ['mesh 1 runs', { compose: undefined, instance: 1, runs: true }, 'not asked', false],
  ['the project runs, and mesh 1 does not', { compose: undefined, instance: 1, runs: false }, true, true],
  ['neither runs', { compose: undefined, instance: 1, runs: false }, false, false],
  ['another mesh is asked for', { compose: undefined, instance: 2, runs: false }, 'not asked', false],
  ['both run, and the flag is given', { compose: true, instance: 1, runs: true }, 'not asked', true],
  ['the flag is given with another number', { compose: true, instance: 2, runs: true }, 'not asked', true],
];

for (const [what, meant, project, expected] of cases) {
  test(`${what}: ${expected ? 'containers' : 'local processes'} are meant`, async () => {
    const projectRuns = async () => {
      assert.notEqual(project, 'not asked', 'no engine is asked');
      return project === true;
    };
    assert.equal(await meansContainers(meant, projectRuns), expected);
  });
}
