import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { type Prose, proseOfFile, proseOfPage, proseOfSource } from './extract.ts';
import { findBanned, glossary, words } from './words.ts';

/** Holds the banned wording. */
const exempt = path.join('test', 'prose');

/** Names packages only. */
const lockFile = 'package-lock.json';

/** Every file below a folder that git keeps or would keep, but for pictures of pixels. */
function filesBelow(root: string): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed
    .split('\0')
    .filter((file) => file !== '' && existsSync(path.join(root, file)))
    .filter((file) => path.dirname(file) !== exempt && file !== lockFile && !file.endsWith('.png'));
}

function proseOf(file: string, source: string): readonly Prose[] {
  // what is between its backticks is a text; no parser takes the marks of Eta
  if (file.endsWith('.ts.eta')) return proseOfFile(source.replaceAll('`', '"'));
  if (file.endsWith('.md')) return proseOfPage(source);
  return /\.tsx?$/.test(file) ? proseOfSource(source, file.endsWith('.tsx')) : proseOfFile(source);
}

/** Banned wording below a folder: file and line, what it says, and what to write. */
async function bannedBelow(root: string): Promise<readonly string[]> {
  const found = await Promise.all(
    filesBelow(root).map(async (file) => {
      const whole = await readFile(path.join(root, file), 'utf8');
      // a page may show the glossary
      const source = whole.replace(glossary(), (shown) => shown.replaceAll(/[^\n]/g, ' '));
      return proseOf(file, source).flatMap(({ kind, line, text }) =>
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

async function repositoryWith(t: TestContext, file: string, source: string): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'mesh-prose-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  await mkdir(path.join(root, path.dirname(file)), { recursive: true });
  await writeFile(path.join(root, file), source);
  return root;
}

async function planted(t: TestContext, file: string, source: string): Promise<readonly string[]> {
  return await bannedBelow(await repositoryWith(t, file, source));
}

for (const [kind, line, source] of [
  ['log', 2, "const id = 1;\nlogger.info({ id }, 'message came again');"],
  ['log', 1, "request.log.warn(wait ? 'broker came again' : 'broker is back');"],
  ['description', 2, "meter.createCounter('a.b', {\n  description: 'Messages that came again.' });"],
  ['description', 1, `command.option({ description: \`\${name} that came again\` });`],
  ['text', 1, "program.command('a').description('what came again');"],
  ['text', 1, `write(\`\${count} messages came\\n again, came again\`);`],
  ['text', 2, `const a = \`\${b}\n \${c ? \`what came again\` : 1}\`;`],
  ['text', 1, "throw new Error('the message came again');"],
  ['text', 1, "write('the message came\\nagain');"],
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

test('a number stands for an expression: a count that a template or a page inserts is a count', async (t) => {
  const tries = 'says “1 tries”; write: attempt';
  assert.deepEqual(await planted(t, 'a.ts', `throw new Error(\`It ended after \${count} tries\`);`), [
    `a.ts:1: text ${tries}`,
  ]);
  assert.deepEqual(await planted(t, 'a.tsx', 'const a = <p>{count} tries <b>{count}</b></p>;'), [
    `a.tsx:1: text ${tries}`,
  ]);
});

for (const [what, file, line, source] of [
  ['a page, over the end of a line', 'docs2/page.md', 3, '# Page\n\nMessages that came\nagain.\n'],
  [
    'a text for a picture',
    'docs2/page.md',
    2,
    '<a href="b.md"><img\n  alt="It came again" src="a b.png"></a>\n',
  ],
  ['a block of a page', 'docs2/page.md', 2, '```sh\n./mesh up    # it came again\n```\n'],
  ['what a block of a page prints', 'docs2/page.md', 3, '```\n$ ./mesh up\nit came again\n```\n'],
  ['settings', '.env.example', 3, 'A=1\n# a port that\n# came again\n'],
  ['a hidden folder', '.ci/run', 2, '#!/bin/sh\necho "it came again"\n'],
  ['Compose and values', 'docker-compose.yml', 3, 'services: # 1\n  # what\n  # came\n  # again\n'],
  ['an annotation', 'rules.yaml', 2, 'description: Messages that\n  came again.\n'],
  ['a dashboard', 'board.json', 1, '{ "title": "Messages that came\\nagain" }\n'],
  ['notes of a chart', 'templates/NOTES.txt', 2, '{{- if .Values.a }}\nIt came again.\n{{- end }}\n'],
  ['a text of a template of a service', 'main.ts.eta', 1, `a(\`\${id} came again <%= it.name %>\`);\n`],
  ['a template of a service', 'main.ts.eta', 1, '/** <%= it.name %> came again. */\n'],
  ['a statement', 'schema.sql', 1, '-- it came\n-- again\n'],
  ['a style sheet', 'page.css', 2, '/* it\n * came again */\n'],
  ['a picture', 'a.svg', 1, '<svg><text>It came again</text></svg>\n'],
] as const) {
  test(`a planted one is found in ${what}`, async (t) => {
    const [found = '', ...others] = await planted(t, file, source);
    assert.match(found, new RegExp(`^\\S+:${line}: (?:page|file) says “came again”; write: duplicate`));
    assert.deepEqual(others, []);
  });
}

test('what git ignores is not read', async (t) => {
  const root = await repositoryWith(t, '.env', 'A=1 # it came again\n');
  await writeFile(path.join(root, '.gitignore'), '.env\n');
  assert.deepEqual(await bannedBelow(root), []);
});

for (const source of [
  "const one = { label: 'Mend' };",
  "const one = { title: 'anew' };",
  'const one = <button>mend</button>;',
]) {
  test(`a word by itself that is shown is found: ${source}`, async (t) => {
    const found = await planted(t, 'some/file.tsx', source);
    assert.match(found.join('\n'), /^some\/file\.tsx:1: \w+ says “(?:mend|anew)”/i);
  });
}

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
  ['code in a line of a page', 'a.md', 'Use `anew` [here](anew.md).\n'],
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
