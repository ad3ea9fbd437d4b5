/** Runs jobs side by side: lanes run at the same time, and each takes the next job when its last one has ended. */
import { messageOf } from '@microshop/program-kit/errors';
import type { ProgramResult } from './job-process.ts';
import { single } from './totals.ts';

/** A job that has ended. */
export interface Ended<Job> extends ProgramResult {
  readonly job: Job;
  /** Wall time, seconds. */
  readonly seconds: number;
}

/** How jobs are run and reported. */
export interface Handling<Job> {
  /** Runs one; `lane` counts from 0. One that throws has failed. */
  run(job: Job, lane: number): Promise<ProgramResult>;
  began?(job: Job, lane: number): void;
  /** Called when a job has ended, one at a time, so that what is printed there stays together. */
  ended?(result: Ended<Job>): void;
  /** Once aborted, no further job begins; those that did not begin have failed. */
  readonly signal: AbortSignal;
}

/**
 * Runs the jobs to their end, in that number of lanes. A job that fails keeps no other from being run. The results are in
 * the order of their ends.
 */
export async function runLanes<Job>(
  jobs: readonly Job[],
  lanes: number,
  { run, began, ended, signal }: Handling<Job>,
): Promise<readonly Ended<Job>[]> {
  const results: Ended<Job>[] = [];
  const waiting = [...jobs];

  const result = async (job: Job, lane: number): Promise<ProgramResult> => {
    if (signal.aborted) return { totals: single(false), output: `not run: ${messageOf(signal.reason)}\n` };
    began?.(job, lane);
    try {
      return await run(job, lane);
    } catch (error) {
      return { totals: single(false), output: `not run: ${messageOf(error)}\n` };
    }
  };

  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        const start = performance.now();
        const outcome = await result(job, lane);
        const end: Ended<Job> = { ...outcome, job, seconds: (performance.now() - start) / 1000 };
        results.push(end);
        ended?.(end);
      }
    }),
  );
  return results;
}
