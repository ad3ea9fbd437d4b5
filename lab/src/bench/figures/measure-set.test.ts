import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { meshSettings } from '@microshop/cli/mesh/settings';
import { aMeasurement, aSpan, keptFigures } from '../testing/figures.ts';
import { measureSet } from './measure-set.ts';
import type { KeptFigures } from './schemas.ts';
import type { Bench, FigureSet, Measured } from './set.ts';
import { readFigures } from './store.ts';

const bench: Bench = {
  meshOf: () => assert.fail('no mesh is needed'),
  settings: meshSettings(5),
  signal: new AbortController().signal,
};

/** Measures a set each of whose measurements is what `of` gives; which were taken, and what is kept. */
async function measuredSet(t: TestContext, kept: KeptFigures, of: (index: number) => Partial<Measured>) {
  const directory = await mkdtemp(path.join(tmpdir(), 'set-'));
  t.after(() => rm(directory, { recursive: true }));
  const taken: (number | string)[] = [];
  const set: FigureSet = {
    name: 'rest',
    says: kept.says,
    times: kept.times,
    seconds: 1,
    prepare: async () => void taken.push('prepared'),
    measure: async (_, index) => {
      taken.push(index);
      return { figures: [], spans: [aSpan()], calibration_ms: [10, 10], ...of(index) };
    },
  };
  const onMeasurement = () => undefined;
  const result = await measureSet({ set, kept, bench, directory, onMeasurement });
  return { taken, result, onDisk: await readFigures(directory, 'rest') };
}

test('what is missing or proved nothing is measured, once prepared for, and kept', async (t) => {
  const kept = keptFigures([aMeasurement(0), aMeasurement(1, 900, ['The machine drifted'])]);
  const { taken, result, onDisk } = await measuredSet(t, kept, () => ({}));
  assert.deepEqual(taken, ['prepared', 1, 2]);
  assert.deepEqual(
    result.measurements.map(({ index, invalid }) => [index, invalid]),
    [
      [0, []],
      [1, []],
      [2, []],
    ],
  );
  assert.equal(result.discarded.length, 1);
  assert.deepEqual(onDisk, result);
});

test('nothing is prepared where nothing is left', async (t) => {
  const kept = keptFigures([aMeasurement(0), aMeasurement(1), aMeasurement(2)]);
  assert.deepEqual((await measuredSet(t, kept, () => ({}))).taken, []);
});

test('a disturbed machine, and a mesh that did not do what it should, make a measurement INVALID', async (t) => {
  const { result } = await measuredSet(t, keptFigures([]), (index) => {
    if (index === 0) return { calibration_ms: [10, 20] };
    return index === 1 ? { fault: 'Trace 1 is not whole' } : {};
  });
  assert.deepEqual(
    result.measurements.map(({ invalid }) => invalid),
    [['The machine drifted by 100 %, over 30 %'], ['Trace 1 is not whole'], []],
  );
});
