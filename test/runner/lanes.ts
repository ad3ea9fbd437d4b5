/**
 * Runs jobs side by side: lanes run at the same time, and each takes the next job that may begin there when its last one has
 * ended.
 */
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
  /** Whether a job may begin beside those that run now; any may where this is absent. */
  mayBegin?(job: Job, running: readonly Job[]): boolean;
  began?(job: Job, lane: number): void;
  /** Called when a job has ended, one at a time, so that what is printed there stays together. */
  ended?(result: Ended<Job>): void;
  /** Once aborted, no further job begins; those that did not begin have failed. */
  readonly signal: AbortSignal;
}

/**
 * Runs the jobs to their end, in that number of lanes. A free lane takes the first job that may begin there; while none may,
 * it waits for another one to end. A job that fails keeps no other from being run; one that never may begin has failed. The
 * results are in the order of their ends.
 */
export async function runLanes<Job>(
  jobs: readonly Job[],
  lanes: number,
  { run, mayBegin = () => true, began, ended, signal }: Handling<Job>,
): Promise<readonly Ended<Job>[]> {
  const results: Ended<Job>[] = [];
  const waiting = [...jobs];
  const running: Job[] = [];
  let anEnd = Promise.withResolvers<void>();

  const notRun = (why: string): ProgramResult => ({ totals: single(false), output: `not run: ${why}\n` });

  const result = async (job: Job, lane: number): Promise<ProgramResult> => {
    if (signal.aborted) return notRun(messageOf(signal.reason));
    began?.(job, lane);
    try {
      return await run(job, lane);
    } catch (error) {
      return notRun(messageOf(error));
    }
  };

  const tell = (end: Ended<Job>) => {
    results.push(end);
    ended?.(end);
  };

  const runNext = async (job: Job, lane: number): Promise<void> => {
    waiting.splice(waiting.indexOf(job), 1);
    running.push(job);
    const start = performance.now();
    const outcome = await result(job, lane);
    running.splice(running.indexOf(job), 1);
    tell({ ...outcome, job, seconds: (performance.now() - start) / 1000 });
    anEnd.resolve();
    anEnd = Promise.withResolvers<void>();
  };

  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      while (waiting.length > 0) {
        const next = waiting.find((job) => mayBegin(job, running));
        if (next !== undefined) await runNext(next, lane);
        else if (running.length > 0) await anEnd.promise;
        else return;
      }
    }),
  );
  for (const job of waiting) tell({ ...notRun('it may never begin'), job, seconds: 0 });
  return results;
}
