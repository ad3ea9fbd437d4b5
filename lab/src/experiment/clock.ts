/** Whether the clock by which answers are put into phases was set during a run, as by a time service or after a sleep of the machine. */

/** A moment by the clock of the machine, and by one that nobody sets, milliseconds. */
export interface Moment {
  /** Since the epoch. */
  readonly at: number;
  /** Since some other time. */
  readonly since: number;
}

/** Now. */
export function momentNow(): Moment {
  return { at: Date.now(), since: performance.now() };
}

/** It may be set by so much, milliseconds: half of the shortest phase, and more than a process waits for a CPU between two readings. */
const mostStepMs = 500;

/** By how much it was set between the moments, milliseconds; 0 without any. */
export function clockStep(moments: readonly Moment[]): number {
  const apart = moments.map(({ at, since }) => at - since);
  return apart.length === 0 ? 0 : Math.max(...apart) - Math.min(...apart);
}

/** Says so when it was set: nobody knows then which answers are of which phase. */
export function whyUndated(stepMs: number): string[] {
  if (stepMs <= mostStepMs) return [];
  return [`the clock of the machine was set by ${(stepMs / 1000).toFixed(1)} s during the run`];
}
