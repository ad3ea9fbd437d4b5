import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';

/** Runs a file with these tests as a run of the groups does; what it counts as failed. In a process: one run cannot hold another. */
function failuresOf(t: TestContext, source: string): readonly { name: string; error: string }[] {
  const root = mkdtempSync(path.join(tmpdir(), 'file-end-'));
  t.after(() => rmSync(root, { recursive: true }));
  writeFileSync(path.join(root, 'some.test.mjs'), `import { test } from 'node:test';\n${source}`);
  const module = path.join(import.meta.dirname, 'node-tests.ts');
  const program = path.join(root, 'program.mjs');
  writeFileSync(
    program,
    `
    import { runNodeTests } from ${JSON.stringify(module)};
    const { failures } = await runNodeTests(
      { include: ['*.test.mjs'], root: ${JSON.stringify(root)}, concurrency: 1, fileTimeoutMs: 30_000 },
      undefined,
    );
    console.log('\\n' + JSON.stringify(failures));`,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, [program], { env, encoding: 'utf8' });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? stderr);
}

/** So long a process goes on before it ends, milliseconds: what it has not sent of its tests by then is lost with it. */
const soonMs = 300;

const ends: readonly [string, string, RegExp][] = [
  [
    'by a signal while a test runs',
    `test('first', () => {});
     test('second', () => new Promise(() => setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${soonMs})));
     test('third', () => {});`,
    /^Its process ended by SIGKILL; while "second" ran$/,
  ],
  [
    'with a code while a test runs, and its last words',
    `test('only', () => new Promise(() => {
       console.error('no room left');
       setTimeout(() => process.exit(7), ${soonMs});
     }));`,
    /^Its process ended with code 7; while "only" ran\n {2}no room left$/,
  ],
  [
    'by what went on after its tests',
    `test('only', () => void setTimeout(() => { process.exitCode = 9; }, 50));`,
    /^Its process ended with code 9; no test ran$/,
  ],
];

for (const [how, source, error] of ends) {
  test(`a file whose process ends ${how} says so`, (t) => {
    const failures = failuresOf(t, source);
    assert.equal(failures.length, 1);
    assert.match(failures[0]?.error ?? '', error);
  });
}

test('a test that fails has its own error, and its file none', (t) => {
  const failures = failuresOf(t, `test('wrong', () => { throw new Error('too small'); });`);
  assert.deepEqual(
    failures.map(({ name }) => name),
    ['wrong'],
  );
  assert.match(failures[0]?.error ?? '', /too small/);
});
