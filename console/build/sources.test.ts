import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
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

test('a change of whatever the page imports of ours is another page', async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'console-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const names = globSync('console/src/**/*.{ts,tsx}', { cwd: repositoryRoot })
    .filter((name) => !name.includes('.test.'))
    .flatMap((name) => [
      ...readFileSync(path.join(repositoryRoot, name), 'utf8').matchAll(/from '@microshop\/([\w-]+)/g),
    ])
    .map(([, name = '']) => name);
  assert.ok(names.length > 10);
  for (const name of new Set(names)) {
    const folder = existsSync(path.join(repositoryRoot, 'packages', name)) ? `packages/${name}` : name;
    const before = sourcesDigest(root);
    await mkdir(path.join(root, folder, 'src'), { recursive: true });
    await writeFile(path.join(root, folder, 'src/some.ts'), name);
    assert.notEqual(sourcesDigest(root), before, folder);
  }
});
