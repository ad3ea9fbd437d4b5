import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgram } from '../program.ts';

test('in a container no file is written that nobody would find', async (t) => {
  process.env['MESH_MODE'] = 'compose';
  t.after(() => delete process.env['MESH_MODE']);
  for (const words of [
    ['policy', 'import', '-', '--out', 'mine.yaml'],
    ['policy', 'import', '-', '--loss', 'loss.json'],
    ['policy', 'export', '--for', 'istio', '--loss', 'loss.json'],
  ]) {
    await assert.rejects(createProgram().parseAsync(words, { from: 'user' }), {
      name: 'UsageError',
      message: /^A container cannot write your files: leave /,
    });
  }
});
