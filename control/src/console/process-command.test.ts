import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os, { userInfo } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { processCommand } from './process-command.ts';

/** A command in place of `./mesh`: says what it was given, but refuses two parts, each for its reason. */
const script = `#!/bin/sh
[ "$3" = nobody ] && { echo 'mesh: There is no part "nobody"' >&2; exit 2; }
[ "$3" = users ] && { echo 'mesh: users knows no such state' >&2; exit 1; }
echo "$@ in mesh $MESH_INSTANCE, port \${PORT:-none}, home $HOME"
`;

async function command(t: TestContext) {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'console-process-'));
  t.after(() => rm(directory, { recursive: true }));
  const mesh = path.join(directory, 'mesh');
  await writeFile(mesh, script, { mode: 0o755 });
  return processCommand(mesh, { ...process.env, HOME: '/nowhere', MESH_INSTANCE: '7', PORT: '8090' });
}

test('the command does it in its mesh, with nothing of this service, and what it says is said', async (t) => {
  const fail = await command(t);
  const where = `in mesh 7, port none, home ${userInfo().homedir}`;
  assert.equal(await fail({ part: 'redis', kind: 'kill' }), `fault process redis --kill ${where}`);
  assert.equal(
    await fail({ part: 'postgres', kind: 'read-only', for_ms: 5000 }),
    `fault process postgres --read-only --for 5000ms ${where}`,
  );
});

test('what it refuses is refused with its reason', async (t) => {
  const fail = await command(t);
  await assert.rejects(fail({ part: 'nobody', kind: 'kill' }), {
    status: 400,
    message: 'There is no part "nobody"',
  });
  await assert.rejects(fail({ part: 'users', kind: 'memory-alarm' }), {
    status: 409,
    message: 'users knows no such state',
  });
  await assert.rejects(processCommand('/nowhere/mesh')({ part: 'redis', kind: 'kill' }), { status: 503 });
});
