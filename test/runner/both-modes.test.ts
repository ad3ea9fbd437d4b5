import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { nativeOnly } from './both-modes.ts';

const files = readdirSync(path.join(repositoryRoot, 'test/e2e')).filter((file) => file.endsWith('.test.ts'));

test('every file that containers leave out is there, and most are run in both modes', () => {
  assert.deepEqual(
    Object.keys(nativeOnly).filter((file) => !files.includes(file)),
    [],
  );
  assert.ok(Object.keys(nativeOnly).length < files.length / 2);
});

test('tests that other files are named for are run in containers', () => {
  const named = Object.values(nativeOnly).flatMap((reason) => reason.match(/[\w-]+\.test\.ts/g) ?? []);
  assert.ok(named.length > 0);
  for (const file of named) {
    assert.ok(files.includes(file), file);
    assert.ok(!(file in nativeOnly), file);
  }
});
