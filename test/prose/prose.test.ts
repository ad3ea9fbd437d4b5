import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { proseOfPage, proseOfSource } from './extract.ts';
import { findBanned, glossary, words } from './words.ts';

/** Holds the banned wording. */
const exempt = path.join('test', 'prose');

/** Sources and pages below a folder, relative to it; what is installed or written by a run is passed over. */
async function filesBelow(root: string, folder = ''): Promise<readonly string[]> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  const files = await Promise.all(
    entries.map(async (entry) => {
      const file = path.join(folder, entry.name);
      if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
      if (file === exempt) return [];
      if (entry.isDirectory()) return await filesBelow(root, file);
      return /\.(?:tsx?|md)$/.test(entry.name) ? [file] : [];
    }),
  );
  return files.flat();
}

/** Banned wording below a folder: file and line, what it says, and what to write. */
async function bannedBelow(root: string): Promise<readonly string[]> {
  const files = await filesBelow(root);
  const found = await Promise.all(
    files.map(async (file) => {
      const whole = await readFile(path.join(root, file), 'utf8');
      // a page may show the glossary
      const source = whole.replace(glossary(), (shown) => shown.replaceAll(/[^\n]/g, ' '));
      const prose = file.endsWith('.md') ? proseOfPage(source) : proseOfSource(source, file.endsWith('.tsx'));
      return prose.flatMap(({ kind, line, text }) =>
        findBanned(text).map(({ word, said, at }) => {
          const lines = text.slice(0, at).split('\n').length - 1;
          const wording = said.replaceAll(/\s+/g, ' ');
          return `${file}:${line + lines}: ${kind} says “${wording}”; write: ${word.write}`;
        }),
      );
    }),
  );
  return found.flat();
}

test('no prose says what the glossary bans', async () => {
  const banned = await bannedBelow(repositoryRoot);
  assert.deepEqual(banned, [], `\n${banned.join('\n')}\n`);
});

test('CONTRIBUTING.md shows the glossary', async () => {
  const page = await readFile(path.join(repositoryRoot, 'CONTRIBUTING.md'), 'utf8');
  assert.ok(page.includes(`\n${glossary()}\n`), `the table under "Words" must be:\n${glossary()}`);
});

for (const word of words) {
  test(`“${word.not}” is found: ${word.example}`, () => {
    const [found, ...others] = findBanned(word.example);
    assert.equal(found?.word, word);
    assert.deepEqual(others, []);
  });
}

async function planted(t: TestContext, file: string, source: string): Promise<readonly string[]> {
  const root = await mkdtemp(path.join(tmpdir(), 'mesh-prose-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await mkdir(path.join(root, path.dirname(file)), { recursive: true });
  await writeFile(path.join(root, file), source);
  return await bannedBelow(root);
}

for (const [kind, line, source] of [
  ['log', 2, "const id = 1;\nlogger.info({ id }, 'message came again');"],
  ['log', 1, "request.log.warn(wait ? 'broker came again' : 'broker is back');"],
  ['description', 2, "meter.createCounter('a.b', {\n  description: 'Messages that came again.' });"],
  ['description', 1, `command.option({ description: \`\${name} that came again\` });`],
  ['text', 1, "program.command('a').description('what came again');"],
  ['text', 1, `write(\`\${count} messages came\\n again, came again\`);`],
  ['text', 1, "throw new Error('the message came again');"],
  ['comment', 2, 'const a = 1;\n// it came again'],
  ['comment', 3, '/**\n * A message that\n * came\n * again.\n */'],
  ['comment', 2, '// it came\n// comes again'],
] as const) {
  test(`a planted one is found in a ${kind}: ${source}`, async (t) => {
    const [found = ''] = await planted(t, 'some/file.ts', source);
    assert.match(
      found,
      new RegExp(`^some/file\\.ts:${line}: ${kind} says “c[ao]mes? again”; write: duplicate`),
    );
  });
}

test('a planted one is found on a page, over the end of a line as well', async (t) => {
  assert.deepEqual(await planted(t, 'docs2/page.md', '# Page\n\nMessages that came\nagain.\n'), [
    'docs2/page.md:3: page says “came again”; write: duplicate, redelivered',
  ]);
});

for (const [what, file, source] of [
  ['names in the code', 'a.ts', 'export const cameAgain = { in_force: 1, tries: 2 };'],
  ['a field of JSON or a name of one word', 'a.ts', "const field = 'anew';"],
  ['a flag', 'a.ts', "const help = 'one --tries more';"],
  ['a name in a sentence', 'a.ts', "const help = 'the field each_try tries.in.force and per-try';"],
  ['code in a comment', 'a.ts', '// sets `in force`, see {@link anew}'],
  [
    'what only looks like a comment',
    'a.ts',
    "const address = 'http://anew';\nconst pattern = /\\/\\/ anew/;",
  ],
  ['blocks and code on a page', 'a.md', '```sh\n./mesh anew\n```\n\nUse `anew` [here](anew.md).\n'],
] as const) {
  test(`${what}: not looked at`, async (t) => {
    assert.deepEqual(await planted(t, file, source), []);
  });
}

test('a planted one is found between elements', async (t) => {
  const found = await planted(
    t,
    'some/file.tsx',
    'export const One = () => (\n  <p>\n    It came again.\n  </p>\n);',
  );
  assert.match(found.join('\n'), /^some\/file\.tsx:\d+: text says “came again”/);
});
