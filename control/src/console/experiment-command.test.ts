import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os, { userInfo } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { experimentCommand } from './experiment-command.ts';

/** A command in place of `./mesh`: `quick` ends at once with 1, `long` when it is interrupted, with 0. */
const script = `#!/bin/sh
[ "$2" = list ] && { echo '{"experiments": [{"name": "quick"}, {"name": "long"}]}'; exit 0; }
echo "$3 in mesh $MESH_INSTANCE, port \${PORT:-none}, home $HOME"
[ "$3" = quick ] && exit 1
trap 'echo given back; exit 0' INT
while :; do sleep 0.05; done
`;

async function command(t: TestContext, text = script) {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'console-run-'));
  t.after(() => rm(directory, { recursive: true }));
  const mesh = path.join(directory, 'mesh');
  await writeFile(mesh, text, { mode: 0o755 });
  return experimentCommand(mesh, path.join(directory, 'experiments'), {
    ...process.env,
    HOME: '/nowhere',
    MESH_INSTANCE: '7',
    PORT: '8090',
  });
}

test('one is started with the name of the mesh and nothing of this service, and its lines and code are seen', async (t) => {
  const run = await command(t);
  assert.equal(await run.state(), null);
  assert.deepEqual(await run.names(), ['quick', 'long']);
  await run.start('quick');
  await eventually('it has ended', async () => (await run.state())?.code === 1);
  assert.deepEqual((await run.state())?.lines, [`quick in mesh 7, port none, home ${userInfo().homedir}`]);
});

test('one at a time; it is asked to end, and gives the mesh back', async (t) => {
  const run = await command(t);
  await run.start('long');
  await assert.rejects(run.start('quick'), { status: 409 });
  await eventually(
    'it is under way',
    async () => (await run.state())?.lines[0] === `long in mesh 7, port none, home ${userInfo().homedir}`,
  );
  run.stop();
  await eventually('it has ended', async () => (await run.state())?.code === 0);
  assert.equal((await run.state())?.lines.at(-1), 'given back');
  run.stop();
  await run.start('quick');
  await eventually('the next has ended', async () => (await run.state())?.code === 1);
});

test('of two that are started at the same moment one runs', async (t) => {
  const run = await command(t);
  const outcomes = await Promise.allSettled([run.start('long'), run.start('quick')]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  assert.equal((await run.state())?.name, 'long');
  await eventually(
    'it is under way',
    async () => (await run.state())?.lines[0]?.startsWith('long in') === true,
  );
  run.stop();
  await eventually('it has ended', async () => (await run.state())?.code === 0);
});

test('what is no experiment is not run, and a command that fails is asked again', async (t) => {
  const run = await command(t);
  await assert.rejects(run.start('--all'), { status: 404 });
  const broken = await command(t, '#!/bin/sh\necho broken >&2; exit 1\n');
  await assert.rejects(broken.names(), { status: 503 });
  await assert.rejects(broken.start('quick'), { status: 503 });
});
