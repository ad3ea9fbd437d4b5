/** The verdict on a run. */
import { attemptsRoom, overDeadline } from '@microshop/control/audit/live';
import { requestDeadlineMs } from '@microshop/topology';
import { isOfTime } from './answers.ts';
import { isHeldUp } from './audit-since.ts';
import { whyUndated } from './clock.ts';
import { phaseNames } from './definition.ts';
import { type Facts, figuresOf, hasRecovered } from './facts.ts';
import { uncounted } from './layers.ts';
import { tooFewBuyers } from './load-left.ts';

/** `INVALID`: the run proved nothing, whatever its figures say. */
export type VerdictName = 'PASS' | 'FAIL' | 'INVALID';

/** A verdict with its reasons, as sentences; none when it passed. */
export interface Verdict {
  readonly verdict: VerdictName;
  readonly reasons: readonly string[];
}

/** Something that does not hold. */
export interface Broken {
  /** The invariant, as `I4`, or the figure. */
  readonly what: string;
  /** A sentence. */
  readonly says: string;
}

/** How much faster or slower the machine may be after a run, share. */
const mostDrift = 0.3;

/** A mesh without a fault serves this share of the buyers, 95 % of them within the time of one attempt, milliseconds. */
const healthy = { success: 0.99, p95Ms: 900 } as const;

/** The verdict. Of an invalid run the reasons name what is broken as well. */
export function verdictOf(facts: Facts): Verdict {
  const invalid = whyInvalid(facts);
  const broken = whatIsBroken(facts).map(({ says }) => says);
  if (invalid.length > 0) return { verdict: 'INVALID', reasons: [...invalid, ...broken] };
  return { verdict: broken.length > 0 ? 'FAIL' : 'PASS', reasons: broken };
}

function whyInvalid(facts: Facts): string[] {
  const { experiment, drift, witness, audit, traces } = facts;
  const figures = figuresOf(facts);
  return [
    ...(facts.interrupted === null ? [] : [`the run ended early: ${facts.interrupted}`]),
    ...whyUndated(facts.clock_step_ms),
    ...whatLoadLacked(facts),
    ...(Math.abs(drift - 1) > mostDrift
      ? [`the machine was ${percent(drift)} as fast after the run as before it`]
      : []),
    ...whyUnhealthy(facts),
    ...(witness.landed ? [] : [`the fault has no witness: ${witness.saw}`]),
    ...(audit.settled || (experiment.schedule !== undefined && isHeldUp(audit))
      ? []
      : [`the mesh had not settled ${(audit.waited_ms / 1000).toFixed(0)} s after the load`]),
    ...(audit.unread.length === 0 ? [] : [`the audit could not read ${audit.unread.join('; ')}`]),
    ...(experiment.traces === 'whole' && traces.unjudged > 0
      ? [`${traces.unjudged} traces could not be judged`]
      : []),
    ...attemptsUncounted(facts),
    ...experiment.limits
      .filter(({ figure }) => (figures.get(figure) ?? null) === null)
      .map(({ figure }) => `${figure} is not known`),
    ...recoveryUnseen(facts),
  ];
}

/** In what the load was not the one that was asked for. */
function whatLoadLacked({ experiment, phases, dropped }: Facts): string[] {
  const { rate } = experiment.load;
  return [
    ...(dropped === null ? ['k6 left no summary: the load did not come to its end'] : []),
    ...((dropped ?? 0) > 0
      ? [
          `k6 dropped ${dropped} iterations: it had too few virtual users (VUS) or too little CPU for this load`,
        ]
      : []),
    ...phaseNames.flatMap((name) => tooFewBuyers(name, phases[name], rate)),
  ];
}

/** Layers of which nobody knows whether they made more attempts than their policy allows (I6). */
function attemptsUncounted({ layers, tries }: Facts): string[] {
  const missing = uncounted(layers, Object.keys(tries));
  return missing.length === 0 ? [] : [`the attempts of ${missing.join(', ')} could not be counted`];
}

/** A phase that is over before the mesh has recovered proves nothing of a limit that is longer than it. */
function recoveryUnseen(facts: Facts): string[] {
  const { experiment, recovery_s: recovery } = facts;
  if (hasRecovered(facts)) return [];
  const holds = experiment.limits.some(({ figure, most = 0 }) => figure === 'recovery_s' && recovery <= most);
  if (!holds) return [];
  return [`recovery_s is not known: requests failed to the end of phase heal, ${recovery.toFixed(1)} s`];
}

/** Why the phase without a fault is no baseline for the others. */
function whyUnhealthy({ phases: { steady } }: Facts): string[] {
  const { success, p95_ms: p95 } = steady;
  if (success === null || p95 === null) return ['the mesh was not healthy before the fault: nobody came'];
  if (success >= healthy.success && p95 <= healthy.p95Ms) return [];
  return [
    `the mesh was not healthy before the fault: ${percent(success)} of the buyers got an order, p95 ${p95.toFixed(0)} ms`,
  ];
}

/** What does not hold: limits, then invariants in their order. */
export function whatIsBroken(facts: Facts): Broken[] {
  const { audit } = facts;
  return [
    ...limitsBroken(facts),
    ...audit.invariants
      .filter(({ verdict }) => verdict === 'BROKEN')
      .map(({ id, says, broken_by: by }) => broken(id, by.slice(0, 3).join('; '), ` (${says})`)),
    ...answeredLate(facts),
    ...attemptsBroken(facts),
    ...faultsLeft(facts),
    ...unexplained(facts),
    ...tracesBroken(facts),
  ];
}

function broken(what: string, why: string, meaning = ''): Broken {
  return { what, says: `${what} is broken${meaning}: ${why}` };
}

function limitsBroken(facts: Facts): Broken[] {
  const figures = figuresOf(facts);
  return facts.experiment.limits.flatMap(({ figure, least, most }) => {
    const value = figures.get(figure) ?? null;
    if (value === null) return [];
    const says = (how: string) => [{ what: figure, says: `${figure} is ${rounded(value)}, ${how}` }];
    if (least !== undefined && value < least) return says(`below ${least}`);
    if (most !== undefined && value > most) return says(`above ${most}`);
    return [];
  });
}

/** Answers after the deadline and a tenth (I5). */
function answeredLate({ experiment, p99_ms: p99 }: Facts): Broken[] {
  const most = requestDeadlineMs * overDeadline;
  if (p99 === null || p99 <= most || experiment.schedule?.in_time === false) return [];
  return [broken('I5', `p99 is ${p99.toFixed(0)} ms, above ${most.toFixed(0)} ms`)];
}

/** Failures of another kind than the fault (I7). Those that no lack of time explains, either, go by another name. */
function unexplained({ experiment, codes }: Facts): Broken[] {
  return Object.entries(codes)
    .filter(([code]) => !experiment.codes.includes(code))
    .map(([code, count]) => ({
      ...broken('I7', `${count} answers were ${code}, which this fault does not explain`),
      what: isOfTime(code) ? 'I7' : 'wrong_answers',
    }));
}

/** Traces that are not whole (I8), where they can be. */
function tracesBroken({ experiment, traces }: Facts): Broken[] {
  if (experiment.traces !== 'whole' || traces.incomplete === 0) return [];
  return [broken('I8', `${traces.incomplete} traces are not whole: ${traces.missing.join('; ')}`)];
}

/**
 * Layers that made more attempts than their policy allows (I6). Of the whole run: a call may go on from phase to phase. No policy
 * allows the gateway to send an order again that the app has seen.
 */
function attemptsBroken({ layers, tries, seen_twice: twice }: Facts): Broken[] {
  const factors = layers.flatMap(({ layer, attempts_per_call: factor }) => {
    const most = tries[layer];
    if (factor === null || most === undefined || factor <= most * attemptsRoom) return [];
    return [broken('I6', `${layer} made ${factor.toFixed(2)} attempts per call, of ${most}`)];
  });
  if (twice.length === 0) return factors;
  const named = twice.slice(0, 3).join(', ');
  return [
    ...factors,
    {
      ...broken('I6', `the gateway sent ${twice.length} requests again that orders had seen: ${named}`),
      what: 'seen_twice',
    },
  ];
}

/** A fault that is still there after its end. */
function faultsLeft({ faults_left: left }: Facts): Broken[] {
  if (left.length === 0) return [];
  return [{ what: 'faults_left', says: `after the end of all faults there was one at ${left.join(', ')}` }];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function rounded(value: number): string {
  return String(Number(value.toFixed(3)));
}
