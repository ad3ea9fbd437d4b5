import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { recipesOf, strangersIn } from './recipes.ts';

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: repositoryRoot,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(path.join(repositoryRoot, file)));

const page = readFileSync(path.join(repositoryRoot, 'CONTRIBUTING.md'), 'utf8');
const recipes = recipesOf(page);

test('there is a recipe for each kind of change', () => {
  assert.deepEqual(
    [...recipes.keys()],
    [
      'A service',
      'An operation',
      'An event',
      'A fault kind',
      'A policy field',
      'A metric and its panel',
      'A command',
      'A dashboard',
    ],
  );
  for (const [title, steps] of recipes) assert.ok(steps.length > 2, title);
  assert.throws(() => recipesOf('# Contributing\n'), /has no section "Recipes"/);
});

for (const [title, steps] of recipes) {
  test(`${title}: what it names is in the tree`, () => {
    assert.deepEqual(strangersIn(steps, repositoryRoot, files), []);
  });
}

/** The steps of a page that has this one. */
const stepsWith = (step: string) =>
  recipesOf(`## Recipes\n\n### A thing\n\n1. ${step}\n\n## Next\n`).get('A thing') ?? [];

test('a file, a symbol and a script that are not there are found, in every form that a step has', () => {
  const right =
    '`services/<service>/src/`: what `startConsumer` starts, in `services/<consumer>/src/app.ts`. Then `npm run\n   generate`, `node deploy/src/generate.ts`.';
  assert.deepEqual(strangersIn(stepsWith(right), repositoryRoot, files), []);
  for (const [is, wrong] of [
    ['services/<service>/src/', 'services/<service>/source/'],
    ['services/<consumer>/src/app.ts', 'services/<consumer>/src/application.ts'],
    ['startConsumer', 'startConsuming'],
    ['node deploy/src/generate.ts', 'node deploy/src/generator.ts'],
  ] as const) {
    const found = strangersIn(stepsWith(right.replaceAll(is, wrong)), repositoryRoot, files);
    assert.ok(found.includes(wrong), `${wrong}: ${found}`);
  }
  const script = strangersIn(stepsWith('`npm run generator`'), repositoryRoot, files);
  assert.deepEqual(script, ['npm run generator']);
});
