import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { UnwritableError, unwritable } from './errors.ts';
import { makeRunDirectory, meshPaths, runDirectory, runNamed, runStamp } from './run-directory.ts';

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

test('a directory that cannot be written is named, with the reason and the remedy', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'microshop-run-'));
  t.after(() => rm(root, { recursive: true }));
  const place = path.join(root, '.mesh');
  await writeFile(place, 'a file');
  assert.throws(
    () => makeRunDirectory(runDirectory(1, root)),
    (error) =>
      error instanceof UnwritableError &&
      error.message === `${place} cannot be written: a file is in the place of a directory; remove the file`,
  );
  // root writes everywhere but on a file system that is read-only, so the system's error is made here
  const readOnly = Object.assign(new Error("EROFS: read-only file system, mkdir '.mesh'"), { code: 'EROFS' });
  const told = unwritable(place, readOnly);
  assert.ok(told instanceof UnwritableError);
  assert.match(told.message, /its file system is read-only; run the mesh in a checkout that can be written$/);
  const defect = new Error('a defect');
  assert.equal(unwritable(place, defect), defect);
});

test('the folder of a run says what was run, and when', () => {
  assert.deepEqual(runNamed('abort-30.mutant-20261125T040512Z'), {
    name: 'abort-30.mutant',
    at: Date.UTC(2026, 10, 25, 4, 5, 12),
  });
  const { at = 0 } = runNamed(`sale-${runStamp()}`) ?? {};
  assert.ok(Math.abs(Date.now() - at) < 5000);
  for (const other of [
    'series.json',
    'abort-30',
    'a/../b-20261125T040512Z',
    'sale-20261399T040512Z',
    '-20261125T040512Z',
  ])
    assert.equal(runNamed(other), undefined, other);
});
