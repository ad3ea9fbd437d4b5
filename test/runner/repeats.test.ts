import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { asked, repeatsAsked, runsLine } from './repeats.ts';

test('without a word each file is run once; a part of a path chooses, and a number repeats', () => {
  assert.equal(repeatsAsked({}), undefined);
  assert.deepEqual(repeatsAsked({ MESH_TEST_TIMES: '10' }), { only: [], times: 10 });
  const some = repeatsAsked({ MESH_TEST_ONLY: 'fault-,e2e/load' }) ?? assert.fail();
  assert.deepEqual(some, { only: ['fault-', 'e2e/load'], times: 1 });
  const files = ['test/e2e/fault-ends.test.ts', 'test/e2e/load.test.ts', 'test/e2e/faults.test.ts'];
  assert.deepEqual(asked(files, some), files.slice(0, 2));
  assert.deepEqual(asked(files, { only: [], times: 2 }), files);
});

test('the runs of a file are one line', () => {
  const runs = [
    { passed: true, seconds: 12.1 },
    { passed: false, seconds: 34.57 },
  ];
  assert.equal(runsLine('a.test.ts', runs), '1 of 2 runs passed, 12.10 s to 34.57 s: a.test.ts');
});

/** Runs `runNodeTests` as a job does: in a test file it would run nothing. */
const job = (root: string, only: string) => `
  import { runNodeTests } from ${JSON.stringify(import.meta.resolve('./node-tests.ts'))};
  const tests = { include: ['*.test.mjs'], root: ${JSON.stringify(root)}, concurrency: 1, fileTimeoutMs: 60_000 };
  const { passed, failed, failures } = await runNodeTests(tests, { only: [${JSON.stringify(only)}], times: 4 });
  console.log(JSON.stringify([passed, failed, failures.length]));`;

test('a file that fails every second time has passed half of its runs, and each failure counts', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'mesh-repeats-'));
  t.after(() => rm(root, { recursive: true }));
  await writeFile(
    path.join(root, 'flaky.test.mjs'),
    `import { existsSync, rmSync, writeFileSync } from 'node:fs';
     import { test } from 'node:test';
     test('passes when it has failed', () => {
       if (existsSync('failed')) return rmSync('failed');
       writeFileSync('failed', '');
       throw new Error('not yet');
     });`,
  );
  const lines = async (only: string) => {
    const file = path.join(root, 'job.mjs');
    await writeFile(file, job(root, only));
    const { stdout } = await execa(process.execPath, [file], { env: { NODE_TEST_CONTEXT: undefined } });
    return stdout.split('\n').slice(-2);
  };
  const [line = '', totals] = await lines('flaky');
  assert.match(line, /^2 of 4 runs passed, .* to .*: flaky\.test\.mjs$/);
  assert.equal(totals, '[2,2,2]');
  assert.equal((await lines('another')).at(-1), '[0,0,0]');
});
