/** The verdict on a run. */
import type { FailureCode } from './contract.ts';
import type { Knee, PhaseSummary, Threshold } from './summary.ts';

/** `INVALID`: the run proved nothing, whatever its numbers say. */
export type VerdictName = 'PASS' | 'FAIL' | 'INVALID';

/** A verdict with its reasons, as sentences for a person; none when it passed. */
export interface Verdict {
  readonly verdict: VerdictName;
  readonly reasons: readonly string[];
}

/** What the verdict is made from. */
export interface Facts {
  /** Why what the run needs could not be made; absent when it was. */
  readonly setup_failure: FailureCode | null;
  readonly duration_s: number;
  readonly planned_s: number;
  readonly phases: readonly PhaseSummary[];
  readonly dropped_iterations: number;
  readonly thresholds: readonly Threshold[];
  readonly knee: Knee | null;
}

/**
 * The verdict. A run in which k6 dropped iterations did not ask what it was to ask, so it is invalid even when
 * thresholds are broken as well; the reasons tell both. In a ramp only drops that hide the knee count.
 */
export function verdictOf(facts: Facts): Verdict {
  const broken = facts.thresholds
    .filter(({ ok, metric }) => !ok && metric !== 'dropped_iterations')
    .map(tell);
  const invalid = whyInvalid(facts);
  if (invalid !== undefined) return { verdict: 'INVALID', reasons: [invalid, ...broken] };
  if (broken.length > 0) return { verdict: 'FAIL', reasons: broken };
  return { verdict: 'PASS', reasons: [] };
}

/** A run that is this much shorter than planned was ended early, seconds; k6 itself is exact to a tick. */
const earlySeconds = 0.5;

function whyInvalid(facts: Facts): string | undefined {
  const { phases, knee, dropped_iterations, duration_s, planned_s } = facts;
  if (facts.setup_failure !== null) return `the shop could not be prepared: ${facts.setup_failure}`;
  if (duration_s < planned_s - earlySeconds) {
    return `the run ended after ${duration_s} s of ${planned_s} s`;
  }
  const empty = phases.find((phase) => phase.judged && phase.latency.count === 0);
  if (empty !== undefined) return `no order was sent in phase ${empty.phase}`;
  if (knee !== null) return hiddenKnee(phases, knee);
  if (dropped_iterations === 0) return undefined;
  return (
    `k6 dropped ${dropped_iterations} iterations: the orders were not sent at the rate asked for, ` +
    'because k6 had too few virtual users (VUS) or too little CPU'
  );
}

/** The first step that is not good has to be so by its answers; if k6 dropped iterations there, its limit was met. */
function hiddenKnee(phases: readonly PhaseSummary[], knee: Knee): string | undefined {
  const step = phases.find((phase) => phase.asked_per_s === knee.first_bad_per_s);
  if (step === undefined || step.dropped_iterations === 0) return undefined;
  return `k6 dropped ${step.dropped_iterations} iterations at ${step.asked_per_s}/s: what broke there may be k6 itself`;
}

function tell({ metric, expression }: Threshold): string {
  return `broken: ${metric} ${expression}`;
}
