import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { whyUnreadable } from '@microshop/program-kit/errors';
import { UsageError } from '../output/errors.ts';
import { createProgram } from '../program.ts';

test('a ledger that cannot be read is told in words, before the mesh is asked', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'microshop-ledger-'));
  t.after(() => rm(directory, { recursive: true }));
  const text = path.join(directory, 'notes.txt');
  await writeFile(text, 'no ledger\n');
  const missing = path.join(directory, 'nosuch.jsonl');
  for (const [file, told] of [
    [missing, `--ledger ${missing} cannot be read: there is no such file`],
    [`${text}/below`, `--ledger ${text}/below cannot be read: there is no such file`],
    [directory, `--ledger ${directory} cannot be read: it is a directory`],
    [text, `--ledger ${text}, line 1 is not JSON`],
  ] as const) {
    const asked = createProgram().parseAsync(['audit', '--ledger', file], { from: 'user' });
    await assert.rejects(asked, new UsageError(told));
  }
});

test('a file that is there for others only is told so', () => {
  // root reads every file, so the system's error is made here
  const refused = Object.assign(new Error("EACCES: permission denied, open 'x'"), { code: 'EACCES' });
  assert.equal(whyUnreadable(refused), 'you have no right to read it');
});
