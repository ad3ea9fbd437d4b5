/** Runs one arm in one block: its load, with the fault in it. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Laboratory, runCourse } from '../experiment/course.ts';
import { furtherLoad } from '../experiment/further-load.ts';
import { readLoadLeft } from '../experiment/load-left.ts';
import type { Arm } from './arms.ts';
import { valuesOf } from './figures.ts';
import type { ArmRun } from './judge.ts';
import type { Plan } from './run.ts';
import { whyInvalid } from './validity.ts';

/** Runs it under the policies that are in effect; ledger and summary of k6 go to a folder of their own in `directory`. */
export async function runArm(
  { fault, throughout, service, rate, seconds, primary, arms }: Plan,
  arm: Arm,
  block: number,
  lab: Laboratory,
  directory: string,
): Promise<ArmRun> {
  const number = arms.findIndex(({ name }) => name === arm.name) + 1;
  const files = path.join(directory, runFolder(block, number, arm.name));
  await mkdir(files, { recursive: true });
  const course = await runCourse(
    {
      name: arm.name,
      load: { rate, repeats: arm.repeats },
      seconds,
      fault,
      ...(throughout === undefined ? {} : { throughout }),
    },
    { ...lab, onProgress: () => undefined },
    files,
  );
  const { timeline, witness, interrupted, counts } = course;
  const { answers: usual, dropped } = await readLoadLeft(files, timeline.heal.to);
  const further = await furtherLoad(fault, course, files);
  const answers = [...usual, ...further.answers].sort((one, other) => one.t - other.t);
  const values = valuesOf({ answers, timeline, counts: counts.fault, service });
  const invalid = whyInvalid({
    interrupted,
    witness,
    dropped,
    rate,
    answers: usual,
    timeline,
    clock_step_ms: course.clock_step_ms,
    primary,
    values,
  });
  return { arm: arm.name, block, values, invalid };
}

/** Name of the folder of a run. Of two arms the same letters may be left in it: a run in the folder of another would take its ledger for its own. */
export function runFolder(block: number, arm: number, name: string): string {
  return `${block}-${arm}-${name.replaceAll(/[^\w.-]+/g, '-')}`;
}
