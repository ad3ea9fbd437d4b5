/** `./mesh` on the host while the mesh runs in containers. The engine is a stand-in that answers as `docker` does. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { lockHolder } from '@microshop/native/supervision/lock';
import { repositoryRoot, runDirectory } from '@microshop/program-kit/run-directory';
import { execa } from 'execa';

/** Mesh 1 is the one that containers stand for; somebody may work with it. */
const mine = lockHolder(runDirectory(1).lock) !== undefined ? 'mesh 1 of this checkout runs' : false;

/** What the engine says of the one container it has. */
const running = { Service: 'gateway', Name: 'microshop-gateway-1', State: 'running' };

/** Runs the command beside a `docker` that lists a running container. */
async function beside(t: TestContext, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const bin = await mkdtemp(path.join(tmpdir(), 'mesh-docker-'));
  t.after(() => rm(bin, { recursive: true }));
  const docker = path.join(bin, 'docker');
  await writeFile(docker, `#!/bin/sh\necho '${JSON.stringify(running)}'\n`);
  await chmod(docker, 0o755);
  const { exitCode, stdout, stderr } = await execa('./mesh', args, {
    cwd: repositoryRoot,
    env: { ...env, MESH_INSTANCE: '1', PATH: `${bin}:${process.env['PATH']}` },
    stdin: 'ignore',
    reject: false,
  });
  return { exitCode, said: `${stdout}${stderr}`.replaceAll(/\s+/g, ' ').trim() };
}

const runs = "The mesh runs in containers, as this checkout's compose project. Use: docker compose";

for (const [args, exitCode, expected] of [
  [['status'], 1, `${runs} run --rm mesh status`],
  [['order', '--quantity', '2'], 1, `mesh: ${runs} run --rm mesh order --quantity 2`],
  [['audit', '--settle', '5s'], 3, `mesh: The audit cannot tell: ${runs} run --rm mesh audit --settle 5s`],
  [['load', 'smoke', '--rate', '5'], 3, `mesh: INVALID: ${runs} run --rm k6 smoke --rate 5`],
  [['stop', 'users'], 1, `mesh: ${runs} stop users`],
  [['fault', 'clear'], 1, `mesh: ${runs} run --rm mesh fault clear`],
  [
    ['dlq', 'drop', '--all', '--reason', 'it is gone'],
    1,
    `mesh: ${runs} run --rm mesh dlq drop --all --reason "it is gone"`,
  ],
  [['down'], 0, 'Mesh 1 was not running The mesh in containers keeps running; docker compose down stops it'],
] as const) {
  test(`./mesh ${args.join(' ')} beside containers says what to type`, { skip: mine }, async (t) => {
    assert.deepEqual(await beside(t, args), { exitCode, said: expected });
  });
}

test('./mesh up says that containers have its ports, before it provisions anything', {
  skip: mine,
}, async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const { exitCode, said } = await beside(t, ['up', '--detach'], { MESH_PORT_GATEWAY: `${address.port}` });
  assert.equal(exitCode, 1, said);
  assert.match(
    said,
    new RegExp(
      `^mesh: The mesh runs in containers, as this checkout's compose project, and has the ports of mesh 1 \\(.*${address.port}.*\\)\\. docker compose down stops it; MESH_INSTANCE=2 \\./mesh up starts another mesh beside it$`,
    ),
  );
});
