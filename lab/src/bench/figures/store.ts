/** The files of figures: read checked, written whole after each measurement. */
import { putJson } from '@microshop/program-kit/json-file';
import { Value } from 'typebox/value';
import { readKept, refuseMixing, resultFile, withOneMore } from '../results/store.ts';
import { type KeptFigures, keptFiguresSchema, type Measurement } from './schemas.ts';

/** What is kept of that set. Throws `CommandFailed` for a file of another form. */
export async function readFigures(directory: string, set: string): Promise<KeptFigures | undefined> {
  return await readKept(directory, set, (value) => Value.Parse(keptFiguresSchema, value));
}

/** Writes it. */
export async function keepFigures(directory: string, kept: KeptFigures): Promise<void> {
  await putJson(resultFile(directory, kept.set), kept);
}

/**
 * What new measurements are added to: what is kept, or nothing. Throws `UsageError` that names what differs, when it is of another
 * commit, machine or plan.
 */
export function continuedFigures(
  kept: KeptFigures | undefined,
  wanted: Omit<KeptFigures, 'measurements' | 'discarded'>,
): KeptFigures {
  if (kept === undefined) return { ...wanted, measurements: [], discarded: [] };
  refuseMixing(
    `figures of ${wanted.set}`,
    {
      kept: { question: kept.says, times: kept.times },
      wanted: { question: wanted.says, times: wanted.times },
    },
    [kept.environment, wanted.environment],
  );
  return { ...wanted, measurements: kept.measurements, discarded: kept.discarded };
}

/** With one more. */
export function withMeasurement(kept: KeptFigures, measurement: Measurement): KeptFigures {
  const { kept: measurements, discarded } = withOneMore(kept.measurements, kept.discarded, measurement);
  return { ...kept, measurements, discarded };
}
