import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { canShare, shared } from './shared-process.ts';

const own = "import { test } from 'node:test';\nimport assert from 'node:assert/strict';\n";

test('a file that only computes can share its process', () => {
  assert.equal(canShare(own), true);
  assert.equal(canShare(`import { type TestContext, test } from 'node:test';\n`), true);
});

test('so can one that closes its server, or waits for what it has begun', () => {
  assert.equal(canShare(`${own}import { createServer } from 'node:http';\n`), true);
  assert.equal(canShare(`${own}await eventually('x', y);`), true);
});

for (const [what, source] of [
  ['a hook', "import { before, test } from 'node:test';"],
  ['a hook on a line of its own', "import {\n  after,\n  test,\n} from 'node:test';"],
  ['a clock', "import { mock, test } from 'node:test';"],
  ['a program', "import { execFile } from 'node:child_process';"],
  ['metrics', `${own}import { collectMetrics } from './testing/telemetry.ts';`],
  ['a variable', `${own}delete ${'process'}.env['X'];`],
  ['figures of its process', `${own}rows.get(${'process'}.pid);`],
  ['a time', `${own}await ${'setTimeout'}(5);`],
] as const) {
  test(`a file with ${what} has its own process`, () => assert.equal(canShare(source), false));
}

test('all files can be told to share one, whatever they do', async () => {
  const alone = path.join(import.meta.dirname, 'lanes.test.ts');
  const { files, remove } = await shared([alone], 'all');
  const [entry = '', ...others] = files;
  assert.deepEqual(others, []);
  assert.equal(readFileSync(entry, 'utf8'), `import ${JSON.stringify(alone)};\n`);
  await remove();
});

test('files that can share a process are loaded by another, each once, and the others stay', async () => {
  const alone = path.join(import.meta.dirname, 'lanes.test.ts');
  const computing = ['totals.test.ts', 'both-modes.test.ts'].map((file) =>
    path.join(import.meta.dirname, file),
  );
  const { files, remove } = await shared([alone, ...computing]);
  const [entry = ''] = files;
  assert.deepEqual(files, [entry, alone]);
  assert.equal(
    readFileSync(entry, 'utf8'),
    computing.map((file) => `import ${JSON.stringify(file)};\n`).join(''),
  );
  await remove();
  assert.equal(existsSync(entry), false);
});
