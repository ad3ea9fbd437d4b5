import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { lockHolder } from '@microshop/native/supervision/lock';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { readPolicies } from '../policies/read-file.ts';
import { createProgram } from '../program.ts';

const run = (...words: readonly string[]) => createProgram().parseAsync(words, { from: 'user' });

test('in a container no file is written that nobody would find', async (t) => {
  process.env['MESH_MODE'] = 'compose';
  t.after(() => delete process.env['MESH_MODE']);
  for (const words of [
    ['policy', 'import', '-', '--out', 'mine.yaml'],
    ['policy', 'import', '-', '--loss', 'loss.json'],
    ['policy', 'export', '--for', 'istio', '--loss', 'loss.json'],
  ]) {
    await assert.rejects(run(...words), {
      name: 'UsageError',
      message: /^A container cannot write your files: leave /,
    });
  }
});

test('the file of --out is YAML, and JSON with --json', async (t) => {
  const given = process.env['MESH_INSTANCE'];
  const idle = [9, 8, 7, 6, 5, 4, 3, 2].find((one) => lockHolder(runDirectory(one).lock) === undefined);
  process.env['MESH_INSTANCE'] = String(idle);
  const folder = await mkdtemp(path.join(tmpdir(), 'import-'));
  t.after(async () => {
    if (given === undefined) delete process.env['MESH_INSTANCE'];
    else process.env['MESH_INSTANCE'] = given;
    await rm(folder, { recursive: true });
  });
  const theirs = new URL('../travel/testing/theirs/no-retries.yaml', import.meta.url).pathname;
  const written = async (...words: readonly string[]) => {
    const out = path.join(folder, 'here');
    await run('policy', 'import', theirs, '--out', out, '--loss', path.join(folder, 'loss.json'), ...words);
    return await readFile(out, 'utf8');
  };
  const [yaml, json] = [await written(), await written('--json')];
  assert.match(yaml, /^policies:$/m);
  const parsed: { policies: unknown } = JSON.parse(json);
  assert.deepEqual(parsed.policies, readPolicies(yaml, 'here.yaml'));
});
