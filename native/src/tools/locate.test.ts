import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { envoy } from './definitions.ts';
import { locate } from './locate.ts';
import { type ProvisionEvent, startProvisioning } from './provision.ts';
import { ToolOverrideError, ToolsUnavailableError } from './tool.ts';

/** A directory with programs that print what is given, and an empty cache. */
async function machine(t: TestContext, programs: Record<string, string>) {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-tools-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  for (const [name, body] of Object.entries(programs)) {
    const file = path.join(directory, name);
    await writeFile(file, `#!/bin/sh\n${body}\n`);
    await chmod(file, 0o755);
  }
  const cache = path.join(directory, 'cache');
  await mkdir(cache);
  return { directory, cache, env: { PATH: directory, MESH_CACHE: cache } };
}

const says = (version: string) => `echo "envoy  version: abc/${version}/Clean/RELEASE/BoringSSL"`;

test('a program on PATH is taken when its version fits', async (t) => {
  const { directory, cache, env } = await machine(t, { envoy: says('1.40.7') });
  const { tool } = await locate(envoy, { env, cache });
  assert.deepEqual(tool, {
    name: 'envoy',
    version: '1.40.7',
    path: path.join(directory, 'envoy'),
    source: 'path',
  });
});

test('a program of another version, or one that does not run, is passed over with a note', async (t) => {
  const old = await machine(t, { envoy: says('1.35.0') });
  const passedOver = await locate(envoy, old);
  assert.equal(passedOver.tool, undefined);
  assert.match(passedOver.notes.join(), /envoy is version 1\.35\.0, wanted 1\.40\.x: not used/);

  const broken = await machine(t, { envoy: 'echo "cannot open shared object file" >&2; exit 127' });
  assert.match((await locate(envoy, broken)).notes.join(), /does not run: .*cannot open shared object/s);
});

test('the variable wins over PATH at any version, and a wrong one is an error that names it', async (t) => {
  const { directory, cache, env } = await machine(t, { envoy: says('1.40.0'), mine: says('1.35.0') });
  const mine = path.join(directory, 'mine');
  const { tool } = await locate(envoy, { env: { ...env, MESH_ENVOY_BIN: mine }, cache });
  assert.deepEqual(tool, { name: 'envoy', version: '1.35.0', path: mine, source: 'override' });
  await assert.rejects(
    locate(envoy, { env: { ...env, MESH_ENVOY_BIN: '/no/such/envoy' }, cache }),
    (error) =>
      error instanceof ToolOverrideError && /MESH_ENVOY_BIN is "\/no\/such\/envoy"/.test(error.message),
  );
});

test('the cache is looked at last', async (t) => {
  const { cache, env } = await machine(t, { envoy: says('1.35.0') });
  const program = path.join(cache, 'envoy-1.40.0/envoy/_bin/envoy');
  await mkdir(path.dirname(program), { recursive: true });
  await writeFile(program, '');
  const { tool } = await locate(envoy, { env, cache });
  assert.deepEqual(tool, { name: 'envoy', version: '1.40.0', path: program, source: 'cache' });
});

test('what is not available is reported once for all tools, with the packages to install', async (t) => {
  // no apt-get, no Redis and no Prometheus on this PATH
  const { env } = await machine(t, {});
  const events: ProvisionEvent[] = [];
  const provisioning = startProvisioning(['redis', 'prometheus'], {
    env,
    onEvent: (event) => events.push(event),
  });
  assert.deepEqual(await provisioning.missing, ['redis', 'prometheus']);
  await assert.rejects(
    provisioning.all,
    (error) =>
      error instanceof ToolsUnavailableError &&
      error.errors.length === 2 &&
      /^redis, prometheus: .*redis-server prometheus/.test(error.message) &&
      !error.message.includes('\n'),
  );
  await assert.rejects(provisioning.tool('redis'), /no apt-get/);
  await assert.rejects(provisioning.tool('envoy'), /envoy was not asked for/);
  // they fail side by side: which is reported first is not promised
  const failed = events.filter(({ kind }) => kind === 'failed').map(({ tool }) => tool);
  assert.deepEqual(failed.toSorted(), ['prometheus', 'redis']);
});
