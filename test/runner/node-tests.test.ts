import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { testFiles } from './node-tests.ts';

test('files come by name, or in the order of their patterns, each once; a pattern that finds nothing is an error', (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'node-tests-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const name of ['a', 'b', 'c']) writeFileSync(path.join(root, `${name}.test.ts`), '');
  const found = (include: readonly string[], inOrder?: boolean) =>
    testFiles({
      include,
      root,
      concurrency: 1,
      fileTimeoutMs: 1000,
      ...(inOrder === undefined ? {} : { inOrder }),
    }).map((file) => path.basename(file, '.test.ts'));
  assert.deepEqual(found(['c.test.ts', '*.test.ts']), ['a', 'b', 'c']);
  assert.deepEqual(found(['c.test.ts', '*.test.ts'], true), ['c', 'a', 'b']);
  assert.throws(() => found(['d.test.ts']), /No test file matches d\.test\.ts/);
});
