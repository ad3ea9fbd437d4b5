import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pageFile, withOptions } from './fault-options.ts';

const page = readFileSync(pageFile, 'utf8');

test('docs/faults.md names the options of a fault as the table of its fields does', () => {
  assert.equal(page, withOptions(page), 'write it again: node docs/src/fault-options.ts');
});

test('a description that differs is written again, and a page without the table is refused', () => {
  const stale = page.replace('`--abort <code>`', '`--abandon <code>`');
  assert.notEqual(stale, page);
  assert.equal(withOptions(stale), page);
  assert.throws(() => withOptions('no table'), /has no table of option/);
});
