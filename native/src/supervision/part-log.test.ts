import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { boundLog, lastLines, openLog, previousLog } from './part-log.ts';

function logIn(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'mesh-log-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'part.log');
}

test('a log over its limit is cut under its writer, which goes on at the new end', (t) => {
  const file = logIn(t);
  const writer = openLog(file);
  writeSync(writer, 'first generation\n');
  assert.equal(boundLog(file, 100), false);
  assert.equal(boundLog(file, 10), true);
  writeSync(writer, 'second\n');
  closeSync(writer);
  assert.equal(readFileSync(file, 'utf8'), 'second\n');
  assert.equal(readFileSync(previousLog(file), 'utf8'), 'first generation\n');
});

test('the last lines are those of this start, also after a cut', (t) => {
  const file = logIn(t);
  assert.deepEqual(lastLines(file, 5), []);
  writeFileSync(file, 'old\none\ntwo\nthree\n');
  assert.deepEqual(lastLines(file, 2), ['two', 'three']);
  assert.deepEqual(lastLines(file, 9, 'old\n'.length), ['one', 'two', 'three']);
  assert.deepEqual(lastLines(file, 9, 1000), ['old', 'one', 'two', 'three']);
});
