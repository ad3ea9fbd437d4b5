import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { examine } from './rules.ts';

test('nothing imports upward, and nothing in a circle, types among them', async () => {
  const { modules, typeImports, problems } = await examine(repositoryRoot);
  assert.deepEqual(problems, []);
  // an examination that reads no file, or no import of a type, finds nothing either
  assert.ok(modules > 500, `${modules} files`);
  assert.ok(typeImports > 200, `${typeImports} imports of types`);
});

/** A tree of those files. */
async function planted(t: TestContext, files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const root = await mkdtemp(path.join(tmpdir(), 'mesh-tree-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.join(root, path.dirname(file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  }
  const folders = Object.keys(files).map((file) => file.split('/').slice(0, -1).join('/'));
  return (await examine(root, [...new Set(folders)])).problems;
}

const value = 'export const value = 1;\nexport type Kind = number;\n';

for (const [what, statement, files, problem] of [
  [
    'a value',
    "import { value } from '../cli/b.ts';\nexport const own = value;\n",
    ['control/a.ts', 'cli/b.ts'],
    'control imports nothing above it: control/a.ts -> cli/b.ts',
  ],
  [
    'a type',
    "import type { Kind } from '../native/b.ts';\nexport type Own = Kind;\n",
    ['control/a.ts', 'native/b.ts'],
    'control imports nothing above it: control/a.ts -> native/b.ts',
  ],
  [
    'a type, passed on',
    "export type { Kind } from '../../envoy/b.ts';\n",
    ['packages/topology/a.ts', 'envoy/b.ts'],
    'packages/topology imports nothing above it: packages/topology/a.ts -> envoy/b.ts',
  ],
  [
    'a service',
    "import { value } from '../services/users/b.ts';\nexport const own = value;\n",
    ['control/a.ts', 'services/users/b.ts'],
    'only tests import a service: control/a.ts -> services/users/b.ts',
  ],
  [
    'another service',
    "import { value } from '../users/b.ts';\nexport const own = value;\n",
    ['services/orders/a.ts', 'services/users/b.ts'],
    'a service imports no other: services/orders/a.ts -> services/users/b.ts',
  ],
  [
    'a file that is not there',
    "import { value } from './gone.ts';\nexport const own = value;\n",
    ['control/a.ts', 'control/b.ts'],
    'nothing unresolved: control/a.ts -> gone.ts',
  ],
] as const) {
  test(`an import of ${what} where it may not be is found`, async (t) => {
    const [importer, imported] = files;
    assert.deepEqual(await planted(t, { [importer]: statement, [imported]: value }), [problem]);
  });
}

test('what the page is built to is not examined', async (t) => {
  const circle = (folder: string) => ({
    [`${folder}/a.js`]: "import { b } from './b.js';\nexport const a = b;\n",
    [`${folder}/b.js`]: "import { a } from './a.js';\nexport const b = 1;\nexport const c = () => a;\n",
  });
  const source = { 'console/src/c.ts': value };
  assert.deepEqual(
    await planted(t, { ...source, ...circle('console/dist/assets'), ...circle('console/dist-new/assets') }),
    [],
  );
  assert.notDeepEqual(await planted(t, { ...source, ...circle('console/src/assets') }), []);
});

test('a circle of types is found', async (t) => {
  const found = await planted(t, {
    'cli/a.ts': "import type { B } from './b.ts';\nexport type A = B;\n",
    'cli/b.ts': "import type { A } from './a.ts';\nexport type B = A | 1;\n",
  });
  assert.match(found.join('\n'), /^no cycle: cli\/a\.ts -> cli\/b\.ts -> cli\/a\.ts$/m);
});
