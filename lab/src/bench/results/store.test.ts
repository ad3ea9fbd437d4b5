import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { aPair, aResult } from '../testing/runs.ts';
import { continued, keepResult, readResult, resultFile, withPair } from './store.ts';

test('what is kept is read as it was written; nothing is nothing, and another form is refused', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'bench-'));
  t.after(() => rm(directory, { recursive: true }));
  assert.equal(await readResult(directory, 'traces'), undefined);
  const result = aResult([aPair(0), aPair(1, undefined, ['The machine drifted'])]);
  await keepResult(directory, result);
  assert.deepEqual(await readResult(directory, 'traces'), result);
  await writeFile(resultFile(directory, 'traces'), '{"comparison": "traces"}');
  await assert.rejects(
    readResult(directory, 'traces'),
    /traces\.json is not a result.*\.\/mesh bench --only traces --fresh/,
  );
});

test('a run goes on with kept pairs of the same commit, machine and plan, and with no other', () => {
  const kept = aResult([aPair(0)]);
  const { pairs: _, discarded: __, ...wanted } = kept;
  assert.deepEqual(continued(undefined, wanted).pairs, []);
  assert.deepEqual(continued(kept, { ...wanted, command: 'typed again' }).pairs, kept.pairs);
  const environment = { ...wanted.environment, commit: 'another' };
  assert.throws(
    () => continued(kept, { ...wanted, environment }),
    /\(commit: 2c79377, now another\); --fresh/,
  );
  const plan = { ...wanted.plan, seconds: 60 };
  assert.throws(() => continued(kept, { ...wanted, plan }), /\(seconds of a run: 10, now 60\); --fresh/);
  assert.throws(
    () => continued(kept, { ...wanted, plan, environment: { ...environment, cores: 64 } }),
    /\(seconds of a run: 10, now 60; cores: 2, now 64; commit: 2c79377, now another\); --fresh/,
  );
});

test('pairs of one change that is in no commit are not added to those of another one', () => {
  const kept = aResult([aPair(0)]);
  const of = (changes: string) => ({ ...kept.environment, changed: true, changes });
  const { pairs: _, discarded: __, ...wanted } = kept;
  const before = { ...kept, environment: of('one') };
  assert.deepEqual(continued(before, { ...wanted, environment: of('one') }).pairs, kept.pairs);
  assert.throws(
    () => continued(before, { ...wanted, environment: of('other') }),
    /\(changes without a commit: one, now other\)/,
  );
});

test('a pair that is measured again takes its place; the one that proved nothing is set aside', () => {
  const invalid = aPair(1, undefined, ['The machine drifted']);
  const kept = aResult([aPair(0), invalid]);
  const { pairs, discarded } = withPair(kept, aPair(1));
  assert.deepEqual(pairs, [aPair(0), aPair(1)]);
  assert.deepEqual(discarded, [invalid]);
  assert.deepEqual(withPair(aResult([aPair(2)]), aPair(0)).pairs, [aPair(0), aPair(2)]);
});
