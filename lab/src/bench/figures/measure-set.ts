/** Takes the measurements of a set that are left, and keeps each as soon as it is there. */
import { leftOf, planOf } from '../results/plan.ts';
import type { KeptFigures, Measurement } from './schemas.ts';
import type { Bench, FigureSet } from './set.ts';
import { keepFigures, withMeasurement } from './store.ts';
import { whyFiguresInvalid } from './validity.ts';

/** What {@link measureSet} needs. */
export interface MeasureSetOptions {
  readonly set: FigureSet;
  /** What is kept already. */
  readonly kept: KeptFigures;
  readonly bench: Bench;
  /** Where figures are kept. */
  readonly directory: string;
  /** Called after each. */
  onMeasurement(measurement: Measurement): void;
}

/** Measures what is missing or proved nothing, each once. An interrupted measurement leaves nothing. */
export async function measureSet(options: MeasureSetOptions): Promise<KeptFigures> {
  const { set, bench, directory, onMeasurement } = options;
  let kept = options.kept;
  const left = leftOf(planOf(kept.times), kept.measurements);
  if (left.length > 0) await set.prepare?.(bench);
  for (const { index } of left) {
    const at = new Date().toISOString();
    const { fault, ...measured } = await set.measure(bench, index);
    const invalid = [
      ...whyFiguresInvalid(measured, kept.environment.cores),
      ...(fault === undefined ? [] : [fault]),
    ];
    const measurement: Measurement = { index, at, ...measured, invalid };
    kept = withMeasurement(kept, measurement);
    await keepFigures(directory, kept);
    onMeasurement(measurement);
  }
  return kept;
}
