import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Experiment } from '../definition.ts';
import { reportOf } from '../report.ts';
import { goodFacts, goodPhase, someCircumstances, someExperiment } from '../testing.ts';
import { drawn, turnsOf } from './plan.ts';
import { runSeries, type SeriesHands } from './run.ts';
import { keepSeries, readSeries, refuseMixing, type Series, seriesFile } from './store.ts';
import { seriesCode, seriesLines } from './table.ts';

const experiments = ['a', 'b'].map((name): Experiment => ({ ...someExperiment, name }));
const plan = { names: ['a', 'b'], mutants: ['b'], seed: 7, repeat: 1, full: false, lengths: {} };
const begun: Series = {
  plan,
  environment: someCircumstances.environment,
  outcomes: [],
};

/** A run in which that share of the buyers was served: below 0.9 it fails. */
function ran(experiment: Experiment, success: number) {
  const phases = { ...goodFacts.phases, fault: { ...goodPhase, success } };
  return {
    report: reportOf({ ...goodFacts, experiment, phases }, someCircumstances),
    file: `/${experiment.name}`,
    page: `/${experiment.name}.html`,
  };
}

const ofMutant = ({ name }: Experiment) => name.endsWith('.mutant');

function hands(run: SeriesHands['run'], interrupted = new AbortController().signal) {
  const kept: Series[] = [];
  const own: SeriesHands = {
    experiments,
    interrupted,
    ready: async () => undefined,
    run,
    keep: async (series) => void kept.push(series),
    onProgress: () => undefined,
  };
  return { kept, own };
}

test('a drawing is the same with its seed, and every experiment is drawn with some seed', () => {
  const names = Array.from({ length: 22 }, (_, index) => `e${index}`);
  const of = (seed: number) => drawn(names, 6, seed);
  assert.deepEqual(of(3), of(3));
  assert.equal(new Set(of(3)).size, 6);
  const ever = new Set(Array.from({ length: 100 }, (_, seed) => of(seed)).flat());
  assert.equal(ever.size, names.length);
});

test('each round runs every experiment, and a drawn mutant after its own', () => {
  assert.deepEqual(
    turnsOf({ ...plan, repeat: 2 }).map(({ name, round }) => `${name} ${round}`),
    ['a 1', 'b 1', 'b.mutant 1', 'a 2', 'b 2', 'b.mutant 2'],
  );
});

test('all passed and the mutant failed: exit code 0, and the table says so', async () => {
  const { kept, own } = hands(async (one) => ran(one, ofMutant(one) ? 0.5 : 0.95));
  const series = await runSeries(begun, own);
  assert.equal(kept.length, 3, 'it is kept after each run');
  assert.equal(seriesCode(series), 0);
  const text = seriesLines(series, 'file').join('\n');
  assert.match(text, /^a +PASS +PASS +fault\.success 0\.95; recovery_s 0$/m);
  assert.match(text, /^b\.mutant +FAIL +FAIL +fault\.success 0\.5;/m);
  assert.match(text, /^mutants +1, drawn with --seed 7$/m);
  assert.match(text, /^series +all as wanted/m);
});

test('a mutant that passes is not as wanted: exit code 1, and it is named with its report', async () => {
  const { own } = hands(async (one) => ran(one, 0.95));
  const series = await runSeries(begun, own);
  assert.equal(seriesCode(series), 1);
  assert.match(seriesLines(series, 'file').join('\n'), /^b\.mutant: PASS\n {2}\/b\.mutant$/m);
});

test('an experiment that fails is exit code 1 as well', async () => {
  const { own } = hands(async (one) => ran(one, one.name === 'b' ? 0.95 : 0.5));
  assert.equal(seriesCode(await runSeries(begun, own)), 1);
});

test('a run that breaks is INVALID, the others go on: exit code 3, also where one failed', async () => {
  const { own } = hands(async (one) => {
    if (one.name === 'a') throw new Error('no mesh');
    return ran(one, 0.5);
  });
  const series = await runSeries(begun, own);
  assert.deepEqual(
    series.outcomes.map(({ verdict }) => verdict),
    ['INVALID', 'FAIL', 'FAIL'],
  );
  assert.equal(seriesCode(series), 3);
  assert.match(seriesLines(series, 'file').join('\n'), /^a: INVALID\n {2}the run broke: no mesh$/m);
});

test('a mesh that does not become well makes a run INVALID, and it is not begun', async () => {
  const { own } = hands(async () => assert.fail('begun'));
  const ready = async () => Promise.reject(new Error('Not healthy: orders'));
  const series = await runSeries(begun, { ...own, ready });
  assert.ok(series.outcomes.every(({ verdict }) => verdict === 'INVALID'));
});

test('the mesh is made ready for each experiment before it runs', async () => {
  const did: string[] = [];
  const { own } = hands(async (one) => {
    did.push(`run ${one.name}`);
    return ran(one, 0.95);
  });
  await runSeries(begun, { ...own, ready: async ({ name }) => void did.push(`ready for ${name}`) });
  assert.deepEqual(did.slice(0, 4), ['ready for a', 'run a', 'ready for b', 'run b']);
});

test('what an interruption cut off is not kept, and is run when the series goes on', async () => {
  const controller = new AbortController();
  const first = hands(async (one) => {
    if (one.name === 'b') controller.abort();
    return ran(one, 0.95);
  }, controller.signal);
  const cut = await runSeries(begun, first.own);
  assert.deepEqual(
    cut.outcomes.map(({ name }) => name),
    ['a'],
  );
  assert.equal(seriesCode(cut), 3);
  assert.match(seriesLines(cut, 'file').join('\n'), /^left +2 runs are missing or INVALID: .*--continue$/m);

  const run: string[] = [];
  const second = hands(async (one) => {
    run.push(one.name);
    return ran(one, ofMutant(one) ? 0.5 : 0.95);
  });
  assert.equal(seriesCode(await runSeries(cut, second.own)), 0);
  assert.deepEqual(run, ['b', 'b.mutant']);
});

test('what proved nothing is run again when the series goes on, and the table says so', async () => {
  const broken = hands(async (one) => {
    if (one.name === 'a') throw new Error('busy');
    return ran(one, ofMutant(one) ? 0.5 : 0.95);
  });
  const first = await runSeries(begun, broken.own);
  const { own } = hands(async (one) => ran(one, 0.95));
  const second = await runSeries(first, own);
  assert.equal(seriesCode(second), 0);
  assert.match(seriesLines(second, 'file').join('\n'), /^again +a was run 2 times/m);
});

test('rounds are counted, with the spread of their figures', async () => {
  const shares = [0.95, 0.92, 0.85];
  const { own } = hands(async (one) => ran(one, shares.shift() ?? 1));
  const series = await runSeries({ ...begun, plan: { ...plan, names: ['a'], mutants: [], repeat: 3 } }, own);
  assert.match(
    seriesLines(series, 'file').join('\n'),
    /^a +2 × PASS, 1 × FAIL +PASS +fault\.success 0\.92 \(0\.85 to 0\.95\); recovery_s 0 \(0 to 0\)$/m,
  );
});

test('figures of a round that proved nothing are no part of the spread', async () => {
  const starved = { ...goodFacts, dropped: 900, recovery_s: 4, experiment: someExperiment };
  let starvedNext = false;
  const { own } = hands(async (one) => {
    const run = ran(one, 0.95);
    starvedNext = !starvedNext;
    return starvedNext ? { ...run, report: reportOf(starved, someCircumstances) } : run;
  });
  const series = await runSeries({ ...begun, plan: { ...plan, names: ['a'], mutants: [], repeat: 3 } }, own);
  assert.match(
    seriesLines(series, 'file').join('\n'),
    /^a +2 × INVALID, 1 × PASS +PASS +fault\.success 0\.95; recovery_s 0$/m,
  );
});

test('a series is read as it was kept; another commit does not go on with it', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'series-'));
  t.after(() => rm(directory, { recursive: true }));
  await assert.rejects(readSeries(directory), /^UsageError: There is no series to continue/);
  await keepSeries(directory, begun);
  const read = await readSeries(directory);
  assert.deepEqual(read, begun);
  refuseMixing(read, begun.environment);
  assert.throws(
    () => refuseMixing(read, { ...begun.environment, commit: 'other' }),
    /commit 0123456\); run --all begins another/,
  );
  await writeFile(seriesFile(directory), '{}');
  await assert.rejects(readSeries(directory), /is not a series of this version/);
});
