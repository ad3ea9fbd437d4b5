import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { resultFile } from '../results/store.ts';
import { aMeasurement, keptFigures } from '../testing/figures.ts';
import { continuedFigures, keepFigures, readFigures, withMeasurement } from './store.ts';

test('what is kept is read as it was written; nothing is nothing, and another form is refused', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'figures-'));
  t.after(() => rm(directory, { recursive: true }));
  assert.equal(await readFigures(directory, 'rest'), undefined);
  const kept = keptFigures([aMeasurement(0), aMeasurement(1, 900, ['The machine drifted'])]);
  await keepFigures(directory, kept);
  assert.deepEqual(await readFigures(directory, 'rest'), kept);
  await writeFile(resultFile(directory, 'rest'), '{"set": "rest"}');
  await assert.rejects(readFigures(directory, 'rest'), /rest\.json is not a result.*--fresh/);
});

test('a set goes on with what is kept of the same commit and machine, and with nothing else', () => {
  const kept = keptFigures([aMeasurement(0)]);
  const { measurements: _, discarded: __, ...wanted } = kept;
  assert.deepEqual(continuedFigures(undefined, wanted).measurements, []);
  assert.deepEqual(continuedFigures(kept, wanted).measurements, kept.measurements);
  const environment = { ...wanted.environment, commit: 'another' };
  assert.throws(
    () => continuedFigures(kept, { ...wanted, environment }),
    /saved figures of rest are of something else \(commit: 2c79377, now another\); --fresh/,
  );
  assert.throws(() => continuedFigures(kept, { ...wanted, times: 9 }), /\(times: 3, now 9\); --fresh/);
});

test('a measurement that is taken again has the place of the one that proved nothing', () => {
  const invalid = aMeasurement(1, 900, ['The machine drifted']);
  const { measurements, discarded } = withMeasurement(
    keptFigures([aMeasurement(0), invalid]),
    aMeasurement(1),
  );
  assert.deepEqual(measurements, [aMeasurement(0), aMeasurement(1)]);
  assert.deepEqual(discarded, [invalid]);
});
