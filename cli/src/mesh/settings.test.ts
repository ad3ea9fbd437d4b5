import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../output/errors.ts';
import { createProgram } from '../program.ts';
import { type Meant, meansContainers } from './settings.ts';

for (const command of ['status', 'down', 'order', 'fault list', 'stop users']) {
  test(`${command} refuses a port that is none, whether or not it would use it`, async (t) => {
    const given = process.env['MESH_PORT_GATEWAY'];
    t.after(() => {
      if (given === undefined) delete process.env['MESH_PORT_GATEWAY'];
      else process.env['MESH_PORT_GATEWAY'] = given;
    });
    process.env['MESH_PORT_GATEWAY'] = 'abc';
    await assert.rejects(
      createProgram().parseAsync(command.split(' '), { from: 'user' }),
      new UsageError('MESH_PORT_GATEWAY must be a port from 1 to 65535, not "abc"'),
    );
  });
}

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
