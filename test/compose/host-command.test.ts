/** `./mesh` on the host and a mesh in containers: which of the two is meant, and what it says when it can do nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runMesh, unfolded, untilShown } from '../harness/command.ts';
import { dockerDone } from '../harness/docker.ts';
import { mesh } from '../harness/mesh.ts';
import { request } from '../harness/shop.ts';

/** Runs it with those variables; it must fail for a reason it tells in a sentence. */
async function failing(
  sentence: RegExp,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { code, stdout, stderr } = await runMesh(args, env);
  assert.deepEqual([code, stdout], [1, ''], stderr);
  assert.match(unfolded(stderr), sentence);
  assert.doesNotMatch(stderr, /^\s+at /m);
}

const kill = ['fault', 'process', 'redis', '--kill', '--compose'];

test('a project that does not run, and an engine that is not there: a sentence', async () => {
  await Promise.all([
    failing(/^mesh: The compose project does not run; start it with docker compose up -d --wait$/m, kill, {
      COMPOSE_PROJECT_NAME: 'microshop-nowhere',
    }),
    failing(/Docker daemon/i, kill, { DOCKER_HOST: 'unix:///nonexistent/docker.sock' }),
  ]);
});

test('a part that is paused or stopped is left alone, with what to do', async () => {
  await dockerDone(['compose', 'pause', 'redis']);
  try {
    await failing(/^mesh: redis is paused; docker compose unpause redis resumes it$/m, kill);
  } finally {
    await dockerDone(['compose', 'unpause', 'redis']);
  }
  await mesh.stop('redis');
  try {
    await failing(/^mesh: redis does not run; start it with docker compose start redis$/m, kill);
  } finally {
    await mesh.start('redis');
  }
});

test('a pod’s own container is not a part: its network is not removed by mistake', async () => {
  const { code, stderr } = await mesh.hostCli(['fault', 'process', 'users-pod', '--pause']);
  assert.equal(code, 2, stderr);
  assert.match(
    unfolded(stderr),
    /no part "users-pod"; the parts are control, gateway, .*users, users-sidecar$/,
  );
});

test('the log of a part is what its container wrote', async () => {
  const { traceId } = await request('GET', '/api/products');
  await untilShown('products has logged it', async () => {
    const { code, stdout, stderr } = await mesh.hostCli(['logs', 'products']);
    assert.equal(code, 0, stderr);
    return stdout.split('\n').some((line) => line.startsWith('{') && line.includes(traceId))
      ? true
      : undefined;
  });
});

test('without a flag the project is meant where mesh 1 would be, when that does not run', async (t) => {
  const { stdout, stderr } = await runMesh(['status'], { MESH_INSTANCE: '1' });
  // a mesh 1 that runs here takes precedence, and may be in use: it is not ours to stop
  if (!`${stdout}${stderr}`.includes('The mesh runs in containers'))
    return t.skip('mesh 1 of this checkout runs');
  const { traceId } = await request('GET', '/api/products');
  const parts = async (instance: string) => {
    const asked = await runMesh(['logs', '--trace', traceId, '--json'], { MESH_INSTANCE: instance });
    const { lines }: { lines: { part: string }[] } = JSON.parse(asked.stdout);
    return new Set(lines.map(({ part }) => part));
  };
  await untilShown('all three have logged it', async () => {
    const found = await parts('1');
    return ['gateway', 'products-sidecar', 'products'].every((part) => found.has(part)) ? true : undefined;
  });
  assert.deepEqual(await parts('2'), new Set());
});
