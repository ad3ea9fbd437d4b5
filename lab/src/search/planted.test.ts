import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { edited } from '../mutants/edits.ts';
import { planted, plantedNamed, plantedOption } from './planted.ts';

for (const { name, code } of planted) {
  test(`${name} has its place in the code, once`, () => {
    const files = Map.groupBy(code.edits, ({ file }) => file);
    for (const [file, edits] of files) {
      const before = readFileSync(path.join(repositoryRoot, file), 'utf8');
      // throws unless each place is there, once
      assert.notEqual(edits.reduce(edited, before), before);
    }
  });
}

test('a bug that there is not is refused with those that there are, and help names none', () => {
  assert.throws(
    () => plantedNamed('gremlin'),
    /^UsageError: There is no planted bug "gremlin"; there are confirm-ignored, /,
  );
  assert.equal(plantedOption().hidden, true);
});
