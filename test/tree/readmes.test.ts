/** Every folder of the first two levels says what is in it and who may import it, and says it as the rules do. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { importersSaid, mayImport, strangersImported } from './readmes.ts';
import { layers } from './rules.ts';

/** Folders whose folders are subjects of their own; in any other folder the README describes its parts. */
const shelves: readonly string[] = ['packages', 'services', 'test'];

const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: repositoryRoot,
  encoding: 'utf8',
}).split('\0');

function foldersAt(depth: number): readonly string[] {
  const names = tracked
    .filter((file) => !file.startsWith('.') && existsSync(path.join(repositoryRoot, file)))
    .map((file) => file.split('/').slice(0, -1))
    .filter((parts) => parts.length >= depth)
    .map((parts) => parts.slice(0, depth).join('/'));
  return [...new Set(names)].sort();
}

const shelved = (folder: string): boolean => shelves.includes(path.dirname(folder));
const folders = [...foldersAt(1), ...foldersAt(2).filter(shelved)];

function readme(folder: string): string {
  return readFileSync(path.join(repositoryRoot, folder, 'README.md'), 'utf8');
}

test('each folder has a README', () => {
  const without = folders.filter((folder) => !existsSync(path.join(repositoryRoot, folder, 'README.md')));
  assert.deepEqual(without, []);
  assert.ok(folders.length > 25, `${folders.length} folders`);
});

test('what else is in a folder of the first level is named in its README', () => {
  const unnamed = foldersAt(2).filter((folder) => {
    const [parent, name] = [path.dirname(folder), path.basename(folder)];
    // `src` is what the page is about
    return name !== 'src' && folders.includes(parent) && !new RegExp(`\\b${name}\\b`).test(readme(parent));
  });
  assert.deepEqual(unnamed, []);
});

/** The layer that a folder is, or is in; `undefined`: it stands outside the order. */
const layerOf = (folder: string): string | undefined =>
  layers.find((layer) => folder === layer || path.dirname(folder) === layer);

for (const folder of folders) {
  const layer = layerOf(folder);
  if (layer === undefined || (layer === 'test' && folder !== 'test')) continue;
  test(`${folder}/README.md names whom the rules let import it, and nothing above it`, () => {
    const text = readme(folder);
    assert.deepEqual(importersSaid(text), mayImport(layer));
    assert.deepEqual(strangersImported(text, layer), []);
  });
}

test('a sentence that names too much, too little or nothing is distinguished from a right one', () => {
  const right =
    'It imports `packages/`. `console/`, `native/`, `cli/`, `lab/`, `docs/` and tests may import it.';
  assert.deepEqual(importersSaid(right), mayImport('control'));
  assert.deepEqual(strangersImported(right, 'control'), []);
  for (const wrong of [
    '`native/` may import it.',
    `${right.replace('`console/`', '`envoy/`, `console/`')}`,
    '',
  ]) {
    assert.notDeepEqual(importersSaid(wrong), mayImport('control'));
  }
  assert.deepEqual(strangersImported('It imports `envoy/` and `native/`.', 'control'), ['native']);
  assert.deepEqual(strangersImported('It imports `services/`.', 'control'), ['services']);
});
