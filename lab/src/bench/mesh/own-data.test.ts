import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { bringBack, setAside } from './own-data.ts';

/** Directories of meshes, and the one of a mesh that has kept something. */
async function meshes(t: TestContext) {
  const all = await mkdtemp(path.join(tmpdir(), 'own-data-'));
  t.after(() => rm(all, { recursive: true }));
  const directory = path.join(all, '5');
  await mkdir(directory);
  await writeFile(path.join(directory, 'kept'), 'orders of a person');
  return { all, directory };
}

test('what a mesh has kept is back after one with data of its own, and nothing of that one is left', async (t) => {
  const { all, directory } = await meshes(t);
  await setAside(directory);
  await mkdir(directory);
  await writeFile(path.join(directory, 'million'), '');
  await bringBack(directory);
  assert.deepEqual(await readdir(directory), ['kept']);
  assert.deepEqual(await readdir(all), ['5']);
  // nothing is set aside any more: what is there stays
  await bringBack(directory);
  assert.equal(await readFile(path.join(directory, 'kept'), 'utf8'), 'orders of a person');
});

test('what a killed run has set aside is not lost when the next one sets aside again', async (t) => {
  const { directory } = await meshes(t);
  await setAside(directory);
  await mkdir(directory);
  await writeFile(path.join(directory, 'million'), '');
  await setAside(directory);
  await bringBack(directory);
  assert.deepEqual(await readdir(directory), ['kept']);
});

test('a mesh that never ran has nothing to set aside, and nothing is left of the other one all the same', async (t) => {
  const { all } = await meshes(t);
  const directory = path.join(all, '6');
  await setAside(directory);
  await mkdir(directory);
  await writeFile(path.join(directory, 'million'), '');
  await bringBack(directory);
  assert.deepEqual(await readdir(directory), []);
});
