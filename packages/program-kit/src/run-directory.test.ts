import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { makeRunDirectory, meshPaths, runDirectory } from './run-directory.ts';

test('everything of a mesh but its socket lies in its own directory, each thing at a path of its own', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'microshop-run-'));
  t.after(() => rm(root, { recursive: true }));
  const { socket, root: checkout, instance, ...paths } = runDirectory(3, root);
  assert.deepEqual([checkout, instance], [root, 3]);
  assert.deepEqual(paths, meshPaths(path.join(root, '.mesh', '3')));
  assert.ok(!socket.startsWith(root));
  const { path: own, ...below } = paths;
  const names = Object.values(below);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.equal(path.dirname(name), own);
  makeRunDirectory(runDirectory(3, root));
  const made = await readdir(own);
  assert.deepEqual(
    made.filter((name) => !names.includes(path.join(own, name))),
    [],
  );
});

test('a socket path that no system takes is refused with what to set', () => {
  const long = { XDG_RUNTIME_DIR: `/${'a'.repeat(100)}` };
  assert.throws(() => runDirectory(1, '/checkout', long), /too long for this system; set TMPDIR/);
});
