import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { edited, mutantEnvironment } from './edits.ts';

const file = 'lab/src/experiment/set-fault.ts';

test('an edit has just one place', () => {
  assert.equal(edited('one two', { file, from: 'two', to: 'three' }), 'one three');
  assert.throws(() => edited('one', { file, from: 'two', to: '' }), /holds 0 times, not once: two/);
  assert.throws(() => edited('two two', { file, from: 'two', to: '' }), /holds 2 times/);
});

test('a process runs the code as it would be after the edits; what has gone stale ends it', async () => {
  const edited = 'lab/src/experiment/answers.ts';
  const script = `import { quantileMs, wholeLines } from ${JSON.stringify(new URL('../experiment/answers.ts', import.meta.url).href)};
    console.log(wholeLines(''), quantileMs([], 0.5));`;
  const run = (from: string) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: {
        ...process.env,
        // two edits of one file
        ...mutantEnvironment([
          { file: edited, from, to: "return 'edited';" },
          { file: edited, from: 'if (answers.length === 0) return null;', to: 'return 7;' },
        ]),
      },
    });
  assert.equal((await run("return ledger.slice(0, ledger.lastIndexOf('\\n') + 1);")).stdout, 'edited 7\n');
  await assert.rejects(run('no such line'), /holds 0 times/);
});
