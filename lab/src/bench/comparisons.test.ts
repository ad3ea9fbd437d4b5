import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { Value } from 'typebox/value';
import { type Edit, edited, editsVariable } from '../mutants/edits.ts';
import { againstCommit, commandOf, comparisons, isAgainst } from './comparisons.ts';
import { setupSchema, tracesWhole, usual } from './setup.ts';

test('the sides of each comparison differ, and its mesh can be started', () => {
  for (const { name, sides } of comparisons) {
    const [{ name: first, ...one }, { name: second, ...other }] = sides;
    assert.notEqual(first, second, name);
    assert.ok(!isDeepStrictEqual(one, other), name);
    for (const { setup } of sides) assert.ok(Value.Check(setupSchema, setup), name);
  }
  assert.equal(new Set(comparisons.map(({ name }) => name)).size, comparisons.length);
});

test('whole traces are expected of a mesh that makes all spans, and of no other', () => {
  assert.equal(tracesWhole(usual), true);
  assert.equal(tracesWhole({ ...usual, services: { OTEL_METRICS_EXPORTER: 'none' } }), true);
  assert.equal(tracesWhole({ ...usual, services: { OTEL_TRACES_EXPORTER: 'none' } }), false);
  assert.equal(tracesWhole({ ...usual, services: { OTEL_SDK_DISABLED: 'true' } }), false);
  assert.equal(tracesWhole({ ...usual, envoyTracing: false }), false);
  assert.equal(tracesWhole({ ...usual, stack: 'no sidecars' }), false);
});

test('the edits of a side still find their place in the code', async () => {
  const edits = comparisons
    .flatMap(({ sides }) => sides)
    .flatMap(({ setup }) => setup.services[editsVariable] ?? [])
    .flatMap((text): Edit[] => JSON.parse(text));
  assert.ok(edits.length > 0);
  for (const edit of edits) edited(await readFile(path.join(repositoryRoot, edit.file), 'utf8'), edit);
});

test('two commits are compared under a name of both, each started of its own files', () => {
  const then = { commit: '1a2b3c4d5e', folder: '/then' };
  const one = againstCommit({ folder: '/here' }, then);
  const other = againstCommit({ commit: '5d6e7f8a9b', folder: '/commit' }, then);
  assert.deepEqual([one.name, other.name], ['against-1a2b3c4', '5d6e7f8-against-1a2b3c4']);
  assert.deepEqual(
    [...one.sides, ...other.sides].map(({ name, checkout }) => [name, checkout]),
    [
      ['now', '/here'],
      ['1a2b3c4', '/then'],
      ['5d6e7f8', '/commit'],
      ['1a2b3c4', '/then'],
    ],
  );
  assert.ok(isAgainst(one.name) && isAgainst(other.name));
  assert.deepEqual(['traces', one.name, other.name].map(commandOf), [
    './mesh bench --only traces',
    './mesh bench --against 1a2b3c4',
    './mesh bench --of 5d6e7f8 --against 1a2b3c4',
  ]);
  for (const { name } of comparisons) assert.ok(!isAgainst(name));
});
