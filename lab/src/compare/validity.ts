/** Whether a run of an arm can count. What it measured plays no part, or the comparison would choose its own result. */
import { type Answer, phaseAnswers, type Timeline } from '../experiment/answers.ts';
import type { Witness } from '../experiment/facts.ts';
import { tooFewBuyers } from '../experiment/load-left.ts';

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
}

/** Why the run cannot count, a sentence each; none when it does. */
export function whyInvalid({ interrupted, witness, dropped, rate, answers, timeline }: RunFacts): string[] {
  if (interrupted !== null) return [`the run ended early: ${interrupted}`];
  const slow = (['steady', 'fault'] as const).flatMap((name) =>
    tooFewBuyers(name, phaseAnswers(answers, timeline[name]), rate),
  );
  const success = phaseAnswers(answers, timeline.steady).success ?? 0;
  return [
    ...(witness.landed ? [] : [`the fault has no witness: ${witness.saw}`]),
    ...(dropped === null ? ['k6 left no summary'] : []),
    ...((dropped ?? 0) > 0 ? [`k6 dropped ${dropped} iterations`] : []),
    ...slow,
    ...(success < leastHealthy
      ? [
          `the mesh was not healthy before the fault: ${(100 * success).toFixed(1)} % of the buyers got an order`,
        ]
      : []),
  ];
}
