/**
 * Whether a run of an arm can count. What it measured plays no part, or the comparison would choose its own result; only that the figure
 * which decides was measured at all.
 */
import { type Answer, phaseAnswers, type Timeline } from '../experiment/answers.ts';
import { whyUndated } from '../experiment/clock.ts';
import type { Witness } from '../experiment/facts.ts';
import { tooFewBuyers } from '../experiment/load-left.ts';
import type { PrimaryName, Values } from './figures.ts';

/** A mesh that has not yet recovered from the run before serves fewer of its buyers than this share. */
const leastHealthy = 0.95;

/** What is looked at. */
export interface RunFacts {
  /** Why the run ended before its time; `null` when it did not. */
  readonly interrupted: string | null;
  readonly witness: Witness;
  /** Iterations that k6 could not start in time; `null` without a summary. */
  readonly dropped: number | null;
  /** Buyers per second that were asked for. */
  readonly rate: number;
  readonly answers: readonly Answer[];
  readonly timeline: Timeline;
  /** By how much the clock of the machine was set meanwhile, milliseconds. */
  readonly clock_step_ms: number;
  /** The figure that decides. */
  readonly primary: PrimaryName;
  readonly values: Values;
}

/** Why the run cannot count, a sentence each; none when it does. */
export function whyInvalid(facts: RunFacts): string[] {
  const { interrupted, witness, dropped, rate, answers, timeline, primary, values } = facts;
  if (interrupted !== null) return [`the run ended early: ${interrupted}`];
  const undated = whyUndated(facts.clock_step_ms);
  const slow = (['steady', 'fault'] as const).flatMap((name) =>
    tooFewBuyers(name, phaseAnswers(answers, timeline[name]), rate),
  );
  const { success } = phaseAnswers(answers, timeline.steady);
  return [
    ...(witness.landed ? [] : [`the fault has no witness: ${witness.saw}`]),
    ...(dropped === null ? ['k6 left no summary'] : []),
    ...((dropped ?? 0) > 0 ? [`k6 dropped ${dropped} iterations`] : []),
    ...undated,
    ...slow,
    ...(success !== null && success < leastHealthy
      ? [
          `the mesh was not healthy before the fault: ${(100 * success).toFixed(1)} % of the buyers got an order`,
        ]
      : []),
    ...((values[primary] ?? null) === null ? [`${primary} is not known`] : []),
  ];
}
