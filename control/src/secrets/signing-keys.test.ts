import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { readSigningKeys } from '@microshop/service-kit/tokens';
import Fastify from 'fastify';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { KeyTimes } from './key-rotation.ts';
import { registerSigningKeys, signingKeysIn } from './signing-keys.ts';

async function build(t: TestContext, times?: KeyTimes) {
  const directory = await mkdtemp(path.join(tmpdir(), 'microshop-signing-'));
  const file = path.join(directory, 'signing-keys.json');
  const fastify = Fastify();
  t.after(async () => {
    await fastify.close();
    await rm(directory, { recursive: true });
  });
  registerSigningKeys(fastify, signingKeysIn(file, times));
  await fastify.ready();
  const list = async (method: 'GET' | 'POST' = 'GET'): Promise<{ kid: string; state: string }[]> =>
    (await fastify.inject({ method, url: '/api/signing-keys' })).json();
  return { fastify, file, list };
}

test('who can reach the service can rely on a key; its file is for its reader alone, its private half in no answer', async (t) => {
  const { fastify, file, list } = await build(t);
  assert.deepEqual(
    (await list()).map(({ state }) => state),
    ['signs'],
  );
  assert.equal((await stat(file)).mode & 0o777, 0o400);
  const [key] = await readSigningKeys(file);
  assert.ok(key?.private_part);
  assert.ok(!(await fastify.inject('/api/signing-keys')).body.includes(key.private_part));
});

test('a second start goes on with the same key', async (t) => {
  const { file } = await build(t);
  const before = await readFile(file, 'utf8');
  await signingKeysIn(file).keep();
  assert.equal(await readFile(file, 'utf8'), before);
});

test('several that ask for another at once get one', async (t) => {
  const { list } = await build(t);
  await Promise.all([list('POST'), list('POST'), list('POST')]);
  assert.deepEqual(
    (await list()).map(({ state }) => state),
    ['signs', 'next'],
  );
});

test('they are rotated while it runs', async (t) => {
  const { list } = await build(t, { signsMs: 600, publishedBeforeMs: 300, publishedAfterMs: 500 });
  const seen = new Set<string>();
  await eventually('three keys were published', async () => {
    for (const { kid } of await list()) seen.add(kid);
    return seen.size >= 3;
  });
  assert.ok((await list()).length <= 4, 'those that have ended are gone');
});

test('a file that cannot be read is left as it is: no new keys take the place of those in it', async (t) => {
  const { fastify, file } = await build(t);
  const before = await readFile(file, 'utf8');
  await rm(file);
  await writeFile(file, before.slice(0, 100));
  await assert.rejects(
    signingKeysIn(file).keep(),
    /signing keys in .+ cannot be read: .+ without that file new ones/,
  );
  assert.equal(await readFile(file, 'utf8'), before.slice(0, 100));
  assert.equal((await fastify.inject({ method: 'POST', url: '/api/signing-keys' })).statusCode, 500);
  await rm(file);
  await writeFile(file, before);
  await signingKeysIn(file).keep();
  assert.equal(await readFile(file, 'utf8'), before, 'the keys that it had go on');
});

test('while they cannot be read the rotation waits, and goes on with them', async (t) => {
  const { file, list } = await build(t, { signsMs: 600, publishedBeforeMs: 300, publishedAfterMs: 60_000 });
  const kids = async () => (await list()).map(({ kid }) => kid);
  await eventually('a second key was published', async () => (await kids()).length >= 2);
  const whole = await readFile(file, 'utf8');
  const known = (await readSigningKeys(file)).map(({ public_key: key }) => key.kid);
  await rm(file);
  await writeFile(file, '{"keys":');
  // longer than a key signs: what was due has been attempted
  await delay(1000);
  assert.equal(await readFile(file, 'utf8'), '{"keys":');
  await rm(file);
  await writeFile(file, whole);
  await eventually('it goes on', async () => (await kids()).length > known.length, 20_000);
  assert.deepEqual((await kids()).slice(0, known.length), known);
});

test('the token of who runs the mesh is for an admin, and is valid by the keys', async (t) => {
  const { fastify, file } = await build(t);
  const answer = await fastify.inject({ method: 'POST', url: '/api/tokens' });
  assert.equal(answer.statusCode, 201);
  assert.equal(answer.headers['cache-control'], 'no-store');
  const keys = (await readSigningKeys(file)).map(({ public_key: key }) => key);
  const { payload } = await jwtVerify(answer.json().token, createLocalJWKSet({ keys }));
  assert.deepEqual([payload.sub, payload['role']], ['operator', 'admin']);
});
