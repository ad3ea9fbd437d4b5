import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { page, pageFile } from './database-errors-page.ts';

test('docs/reference/database-errors.md says what the code does', () => {
  assert.equal(
    readFileSync(pageFile, 'utf8'),
    page(),
    'write it again: node docs/src/database-errors-page.ts',
  );
});
