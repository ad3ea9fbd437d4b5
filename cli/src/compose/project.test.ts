import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CommandFailed } from '../output/errors.ts';
import { composeRuns, docker, runningContainer } from './project.ts';

function withoutDocker(t: TestContext): void {
  const { PATH } = process.env;
  process.env['PATH'] = '/nonexistent';
  t.after(() => {
    process.env['PATH'] = PATH;
  });
}

test('where there is no docker, no project runs, and who needs one is told why', async (t) => {
  withoutDocker(t);
  assert.equal(await composeRuns(), false);
  for (const asked of [docker(['info']), runningContainer('users')]) {
    await assert.rejects(asked, (error) => {
      assert.ok(error instanceof CommandFailed);
      assert.equal(error.message, 'docker is not on PATH');
      return true;
    });
  }
});
