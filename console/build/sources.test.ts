import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { sourcesDigest } from './sources.ts';

test('a change of a source is another page, a change of a test is not', async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'console-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await mkdir(path.join(root, 'console/src/map'), { recursive: true });
  const write = (name: string, text: string) => writeFile(path.join(root, 'console/src/map', name), text);

  await write('map.tsx', 'one');
  const first = sourcesDigest(root);
  await write('map.test.ts', 'a test');
  assert.equal(sourcesDigest(root), first);
  await write('map.tsx', 'two');
  const second = sourcesDigest(root);
  assert.notEqual(second, first);
  await write('edge.ts', 'more');
  assert.notEqual(sourcesDigest(root), second);
});
