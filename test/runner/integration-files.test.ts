import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { onMeshPorts } from './integration-files.ts';

const found = (patterns: readonly string[]) =>
  globSync([...patterns], { cwd: repositoryRoot, exclude: ['**/node_modules/**'] });

test('every integration test that takes the number of a mesh is among those that run one at a time', () => {
  const apart = new Set(found(onMeshPorts));
  const others = found(['**/*.integration.test.ts']).filter((file) => !apart.has(file));
  assert.ok(apart.size > 0 && others.length > 0);
  const taking = others.filter((file) =>
    /\b(?:testInstance|testMesh|openMeshes)\b/.test(readFileSync(path.join(repositoryRoot, file), 'utf8')),
  );
  assert.deepEqual(taking, []);
});
