import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { ownerOnly, putFile, putFirst } from './whole-file.ts';

async function directoryOf(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'whole-file-'));
  t.after(() => rm(directory, { recursive: true }));
  return path.join(directory, 'below');
}

test('a file is put in place with its directory; one that holds the same is not touched', async (t) => {
  const directory = await directoryOf(t);
  const file = path.join(directory, 'file');
  await putFile(file, 'one', ownerOnly);
  const { ino, mode } = await stat(file);
  assert.equal(mode & 0o777, 0o600);
  await putFile(file, 'one', ownerOnly);
  assert.equal((await stat(file)).ino, ino);
  await putFile(file, 'two', ownerOnly);
  assert.equal(await readFile(file, 'utf8'), 'two');
  assert.deepEqual(await readdir(directory), ['file'], 'nothing unfinished is left');
});

test('of many writers that put a file first, one succeeds, and the others learn that they did not', async (t) => {
  const directory = await directoryOf(t);
  const file = path.join(directory, 'file');
  const texts = Array.from({ length: 8 }, (_, index) => `text ${index}`);
  const first = await Promise.all(texts.map((text) => putFirst(file, text, ownerOnly)));
  assert.equal(first.filter(Boolean).length, 1);
  assert.equal(await readFile(file, 'utf8'), texts[first.indexOf(true)]);
  assert.deepEqual(await readdir(directory), ['file'], 'nothing unfinished is left');
});
