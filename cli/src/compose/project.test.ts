import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { CommandFailed } from '../output/errors.ts';
import { composeRuns, docker, liveContainers, runningContainer } from './project.ts';

function withoutDocker(t: TestContext): void {
  const { PATH } = process.env;
  process.env['PATH'] = '/nonexistent';
  t.after(() => {
    process.env['PATH'] = PATH;
  });
}

test('where there is no docker, no project runs, and a command that needs one says why', async (t) => {
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

/** A `docker` that says this, whatever it is asked. */
async function dockerThatSays(t: TestContext, text: string): Promise<void> {
  const bin = await mkdtemp(path.join(tmpdir(), 'mesh-docker-'));
  const { PATH } = process.env;
  t.after(async () => {
    process.env['PATH'] = PATH;
    await rm(bin, { recursive: true });
  });
  await writeFile(path.join(bin, 'said'), text);
  await writeFile(path.join(bin, 'docker'), `#!/bin/sh\ncat ${path.join(bin, 'said')}\n`);
  await chmod(path.join(bin, 'docker'), 0o755);
  process.env['PATH'] = `${bin}:${PATH}`;
}

const users = { Service: 'users', Name: 'my shop-users-1', State: 'running', Ports: '' };
const orders = { Service: 'orders', Name: 'my shop-orders-1', State: 'paused' };

for (const [form, text] of [
  ['a line each', `${JSON.stringify(users)}\n${JSON.stringify(orders)}\n`],
  ['one array', JSON.stringify([users, orders])],
] as const) {
  test(`containers are read as Compose tells them, ${form}, whatever is in their names`, async (t) => {
    await dockerThatSays(t, text);
    assert.deepEqual(await liveContainers(), [
      { part: 'users', name: 'my shop-users-1', state: 'running' },
      { part: 'orders', name: 'my shop-orders-1', state: 'paused' },
    ]);
  });
}

test('a project with no container does not run', async (t) => {
  await dockerThatSays(t, '\n');
  assert.deepEqual([await liveContainers(), await composeRuns()], [[], false]);
});
