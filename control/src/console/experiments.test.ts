import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { experimentFiles } from '@microshop/program-kit/run-directory';
import { listRuns, readRunPage } from './experiments.ts';

const report = {
  hypothesis: 'Retries hide it.',
  verdict: 'FAIL',
  reasons: ['I6 is broken'],
  command: './mesh experiment run abort-30',
};

/** A directory of runs, with what writes one. */
async function reports(t: TestContext) {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'console-runs-'));
  t.after(() => rm(directory, { recursive: true }));
  const run = async (folder: string, files: Readonly<Record<string, string>>) => {
    await mkdir(path.join(directory, folder));
    for (const [file, text] of Object.entries(files))
      await writeFile(path.join(directory, folder, file), text);
  };
  return { directory, run };
}

test('runs are listed youngest first, with verdict and page, those under way among them', async (t) => {
  const { directory, run } = await reports(t);
  const whole = {
    [experimentFiles.report]: JSON.stringify({ ...report, facts: 1 }),
    [experimentFiles.page]: '<p>',
  };
  await run('abort-30-20261125T040512Z', whole);
  await run('abort-30.mutant-20261126T040512Z', whole);
  await run('sale-20261127T040512Z', {});
  await run('compare-of-nothing', {});
  await writeFile(path.join(directory, 'series.json'), '{}');
  const { runs, names, count, lacks } = await listRuns(directory);
  assert.deepEqual(
    runs.map(({ name, report: found, page }) => ({ name, verdict: found?.verdict ?? null, page })),
    [
      { name: 'sale', verdict: null, page: false },
      { name: 'abort-30.mutant', verdict: 'FAIL', page: true },
      { name: 'abort-30', verdict: 'FAIL', page: true },
    ],
  );
  assert.deepEqual([names, count, lacks], [['abort-30', 'abort-30.mutant', 'sale'], 3, []]);
  assert.deepEqual(runs[2]?.report, report);
  assert.deepEqual(
    (await listRuns(directory, 'abort-30')).runs.map(({ folder }) => folder),
    ['abort-30-20261125T040512Z'],
  );
});

test('a comparison is known by the figure that decides it', async (t) => {
  const { directory, run } = await reports(t);
  const figure = { name: 'success', unit: '%', scale: 100, digits: 1, says: 'share' };
  const other = { primary: false, figure: { ...figure, name: 'p99' }, arms: [] };
  const decisive = {
    primary: true,
    figure,
    arms: [
      { arm: 'as it is', spread: { median: 0.971 }, against: null },
      { arm: 'one attempt', spread: { median: null }, against: { said: { verdict: 'worse' } } },
    ],
  };
  const comparison = { valid: true, figures: [other, decisive], plan: {} };
  await run('compare-20261127T040512Z', {
    [experimentFiles.comparison]: JSON.stringify(comparison),
    [experimentFiles.comparisonPage]: '<p>compared</p>',
  });
  const { runs, lacks } = await listRuns(directory);
  assert.deepEqual([lacks, runs[0]?.page], [[], true]);
  assert.equal(await readRunPage(directory, 'compare-20261127T040512Z'), '<p>compared</p>');
  assert.deepEqual(runs[0]?.comparison, {
    valid: true,
    figure: 'success',
    arms: [
      { arm: 'as it is', median: '97.1 %', said: null },
      { arm: 'one attempt', median: '–', said: 'worse' },
    ],
  });
});

test('a report that cannot be read is named, and takes no other with it', async (t) => {
  const { directory, run } = await reports(t);
  await run('sale-20261127T040512Z', { [experimentFiles.report]: '{"verdict":"MAYBE"}' });
  await run('sale-20261128T040512Z', { [experimentFiles.report]: JSON.stringify(report) });
  const { runs, lacks } = await listRuns(directory);
  assert.deepEqual(
    runs.map((one) => one.report?.verdict ?? null),
    ['FAIL', null],
  );
  assert.deepEqual(lacks, ['The report of sale-20261127T040512Z cannot be read: it is not of this version']);
});

test('before the first experiment there is none; in containers the page says where they are', async (t) => {
  const { directory } = await reports(t);
  assert.deepEqual(await listRuns(path.join(directory, 'none')), {
    runs: [],
    names: [],
    count: 0,
    lacks: [],
  });
  assert.match((await listRuns(undefined)).lacks.join(), /in the checkout/);
});

test('only the page of a run is read, and nothing beside the directory', async (t) => {
  const { directory, run } = await reports(t);
  await run('sale-20261127T040512Z', { [experimentFiles.page]: '<p>a sale</p>' });
  await run('sale-20261128T040512Z', {});
  assert.equal(await readRunPage(directory, 'sale-20261127T040512Z'), '<p>a sale</p>');
  const away = '../console-20261127T040512Z';
  for (const folder of ['sale-20261128T040512Z', 'sale', '..', away, `x/${away}`])
    await assert.rejects(readRunPage(directory, folder), { status: 404 }, folder);
  await assert.rejects(readRunPage(undefined, 'sale-20261127T040512Z'), { status: 404 });
});
