import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { readCode } from './environment.ts';

test('two states of the files that are in no commit are told apart, and the same one is known again', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'code-'));
  t.after(() => rm(root, { recursive: true }));
  assert.deepEqual(await readCode(root), { commit: 'unknown', changed: true }, 'no repository');

  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], { cwd: root });
  const put = (name: string, text: string) => writeFile(path.join(root, name), text);
  await git('init', '--quiet');
  await put('app.ts', 'committed');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'first');
  const { stdout: commit } = await git('rev-parse', 'HEAD');
  assert.deepEqual(await readCode(root), { commit, changed: false });

  await put('app.ts', 'one change');
  const one = await readCode(root);
  assert.deepEqual(one, { commit, changed: true, changes: one.changes });
  assert.match(one.changes ?? '', /^[0-9a-f]{12}$/);
  await put('app.ts', 'another change');
  const other = await readCode(root);
  assert.notEqual(other.changes, one.changes);
  await put('app.ts', 'one change');
  assert.deepEqual(await readCode(root), one);

  await put('ä new file.ts', 'added');
  const added = await readCode(root);
  assert.notEqual(added.changes, one.changes);
  await put('ä new file.ts', 'added, and changed');
  assert.notEqual((await readCode(root)).changes, added.changes);
});
