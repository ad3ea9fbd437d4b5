/** Each block of commands on a page says how it is run, or why it is not. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createWholeProgram } from '@microshop/lab/program';
import { root } from '../command.ts';
import { strangersIn } from './commands.ts';
import { blocksOf, pages, pageText } from './pages.ts';

const blocks = pages.flatMap(blocksOf);

test('every block of commands is run, or says why it is not', () => {
  const unmarked = blocks.filter(({ mark }) => mark === undefined);
  assert.deepEqual(
    unmarked.map(({ page, at, commands }) => `${page}:${at}: ${commands[0]?.line}`),
    [],
    'mark them as test/docs/README.md says: <!-- run on mesh -->, or <!-- not run: the reason -->',
  );
});

test('a test that a mark names is there, and types the lines of that page', () => {
  for (const { page, at, mark } of blocks) {
    if (mark?.kind !== 'by') continue;
    const file = path.join(root, mark.file);
    assert.ok(existsSync(file), `${page}:${at}: there is no ${mark.file}`);
    const source = readFileSync(file, 'utf8');
    assert.match(source, new RegExp(`scriptOf\\('${page}', '${mark.file}'\\)`), `${page}:${at}`);
    assert.match(source, /untyped\(\)/, `${page}:${at}: ${mark.file} must look at untyped()`);
  }
});

test('a test that an excuse names is there', () => {
  for (const { page, at, mark } of blocks) {
    if (mark?.kind !== 'excused') continue;
    for (const [file] of mark.reason.matchAll(/\b[\w/.-]+\.(test|bench)\.ts\b/g)) {
      assert.ok(existsSync(path.join(root, file)), `${page}:${at}: there is no ${file}`);
    }
  }
});

test('every ./mesh command that a page names exists, with these options', () => {
  const program = createWholeProgram();
  const strangers = pages.flatMap((page) =>
    strangersIn(pageText(page), program).map((stranger) => `${page}: ${stranger}`),
  );
  assert.deepEqual(strangers, []);
});
