import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { ofCluster } from './cluster-files.ts';

test('every file that uses the cluster waits for it: run before, it would be skipped', () => {
  const folder = 'test/kubernetes';
  const files = readdirSync(path.join(repositoryRoot, folder)).filter((name) => name.endsWith('.test.ts'));
  const using = files.filter((name) => {
    const source = readFileSync(path.join(repositoryRoot, folder, name), 'utf8');
    return /cluster-under-test\.ts|installed\.ts/.test(source);
  });
  assert.deepEqual(using.map((name) => `${folder}/${name}`).sort(), [...ofCluster].sort());
});
