import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { folderOfCommit } from './commit-folder.ts';

test('the files of a commit are written once, with its dependencies where they are locked to the same', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'commits-'));
  t.after(() => rm(root, { recursive: true }));
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], { cwd: root });
  const put = (name: string, text: string) => writeFile(path.join(root, name), text);
  await git('init', '--quiet');
  await put('package-lock.json', 'first');
  await git('add', 'package-lock.json');
  await git('commit', '--quiet', '--message', 'first');
  await put('package-lock.json', 'second');
  await put('app.ts', 'of the second');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'second');
  await put('app.ts', 'changed, and in no commit');
  await mkdir(path.join(root, 'node_modules/tool'), { recursive: true });
  await put('node_modules/tool/index.js', 'installed');

  const second = await folderOfCommit('HEAD', root);
  assert.equal(second.commit, (await git('rev-parse', 'HEAD')).stdout);
  assert.equal(await readFile(path.join(second.folder, 'app.ts'), 'utf8'), 'of the second');
  const inodeIn = async (of: string) => (await stat(path.join(of, 'node_modules/tool/index.js'))).ino;
  assert.equal(await inodeIn(second.folder), await inodeIn(root), 'linked, not copied');

  const first = await folderOfCommit('HEAD~1', root);
  assert.deepEqual(await readdir(first.folder), ['package-lock.json']);

  await writeFile(path.join(first.folder, 'kept'), '');
  await folderOfCommit('HEAD~1', root);
  assert.ok(existsSync(path.join(first.folder, 'kept')), 'what is there is not written again');
  assert.equal((await readdir(path.join(root, '.mesh/commits'))).length, 2, 'nothing half written stays');

  for (const none of ['no-such-commit', '--help', 'HEAD:app.ts']) {
    await assert.rejects(folderOfCommit(none, root), /git has no commit/);
  }
});
