/** The summary of a run: its numbers, taken from what k6 hands over at the end, and the verdict. */
import { type FailureCode, failureCodes } from './contract.ts';
import { isKeeper, metricNames, type Outcome, selectors } from './metrics.ts';
import { type Phase, type Plan, plannedSeconds } from './plan.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** What k6 hands to `handleSummary`, as far as it is used. */
export interface K6Summary {
  readonly metrics: Readonly<Record<string, K6Metric>>;
  readonly state: { readonly testRunDurationMs: number };
}

/** One metric of k6, or a tagged part of one. */
export interface K6Metric {
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

/** Times, milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
}

/** One phase of a run. */
export interface PhaseSummary {
  readonly phase: string;
  readonly judged: boolean;
  readonly asked_per_s: number;
  readonly sent_per_s: number;
  readonly seconds: number;
  /** From sending an order to its answer, without the time to connect. */
  readonly latency: Latency;
  /** Share of the orders whose answer was a failure, 0 to 1. */
  readonly failed_share: number;
  readonly dropped_iterations: number;
}

/** A threshold of the run. */
export interface Threshold {
  readonly metric: string;
  readonly expression: string;
  readonly ok: boolean;
}

/** Where a ramp met the limits, orders per second. */
export interface Knee {
  /** Highest step that kept them. */
  readonly last_good_per_s: number | null;
  /** The step after it; absent when the last step of all kept them. */
  readonly first_bad_per_s: number | null;
  /** Lower steps that did not keep them: noise, since a higher one did. */
  readonly noisy_per_s: readonly number[];
}

/** How a sale ended, in pieces of the stock. */
export interface Sale {
  readonly stock: number;
  readonly sold: number;
  readonly refused: number;
  /** Sold without there being any. */
  readonly oversold: number;
}

/** Number of orders by `code`. */
export type ByCode = Partial<Record<FailureCode, number>>;

/** A run, as `summary.json` holds it. */
export interface LoadSummary extends Verdict {
  readonly scenario: string;
  readonly gateway: string;
  readonly duration_s: number;
  /** Time the scenario was to take at least, seconds. */
  readonly planned_s: number;
  /** Why what the run needs could not be made; absent when it was. */
  readonly setup_failure: FailureCode | null;
  /** Orders of the whole run, warm-up included. */
  readonly orders: {
    readonly accepted: number;
    /** Refused because the stock was sold, where a scenario expects that. */
    readonly refused: number;
    readonly failed: number;
  };
  /** Failures of the whole run. */
  readonly errors: ByCode;
  readonly refusals: ByCode;
  readonly dropped_iterations: number;
  readonly phases: readonly PhaseSummary[];
  /** From sending an order to seeing it ended, of the orders that were followed; absent when none was. */
  readonly completion: Latency | null;
  /** Absent when the run was no sale, or did not come to its end. */
  readonly sale: Sale | null;
  /** Absent when the run was no ramp. */
  readonly knee: Knee | null;
  readonly thresholds: readonly Threshold[];
}

/** Summary of a run of `plan`. */
export function summarise(plan: Plan, data: K6Summary): LoadSummary {
  const phases = plan.phases.map((phase) => phaseSummary(plan, phase, data));
  const knee = plan.ramp ? kneeOf(plan, phases) : null;
  const thresholds = thresholdResults(data);
  const completion = latencyOf(data, metricNames.completion);
  const durationSeconds = data.state.testRunDurationMs / 1000;
  const facts = {
    duration_s: rounded(durationSeconds),
    planned_s: plannedSeconds(plan),
    setup_failure:
      failureCodes.find((code) => measured(data, selectors.setupFailure(code), 'count') > 0) ?? null,
    phases,
    knee,
    thresholds,
    dropped_iterations: measured(data, 'dropped_iterations', 'count'),
  };
  const refused = measured(data, selectors.outcome('refused'), 'count');
  return {
    scenario: plan.scenario,
    ...verdictOf(facts),
    gateway: plan.settings.gateway,
    orders: {
      accepted: measured(data, selectors.outcome('accepted'), 'count'),
      refused,
      failed: measured(data, selectors.outcome('failed'), 'count'),
    },
    errors: byCode(data, 'failed'),
    refusals: byCode(data, 'refused'),
    completion: completion.count === 0 ? null : completion,
    sale: saleOf(plan, data, refused),
    ...facts,
  };
}

function phaseSummary(plan: Plan, phase: Phase, data: K6Summary): PhaseSummary {
  return {
    phase: phase.name,
    judged: plan.judged.includes(phase.name),
    asked_per_s: phase.rate,
    sent_per_s: rounded(measured(data, selectors.sent(phase.name), 'count') / phase.seconds),
    seconds: phase.seconds,
    latency: latencyOf(data, selectors.latency(phase.name)),
    failed_share: measured(data, selectors.failures(phase.name), 'rate'),
    dropped_iterations: measured(data, selectors.dropped(plan, phase), 'count'),
  };
}

/** True when a step kept the limits. A step from which iterations were dropped was not really made. */
function keptLimits(plan: Plan, { latency, failed_share, dropped_iterations }: PhaseSummary): boolean {
  const { p95Ms, p99Ms, failureShare } = plan.limits;
  const fast = latency.p95_ms <= p95Ms && latency.p99_ms <= p99Ms;
  return latency.count > 0 && fast && failed_share <= failureShare && dropped_iterations === 0;
}

/** One bad step is not the knee when the shop takes more than that a moment later: something else was in its way. */
function kneeOf(plan: Plan, phases: readonly PhaseSummary[]): Knee {
  const last = phases.findLastIndex((phase) => keptLimits(plan, phase));
  return {
    last_good_per_s: phases[last]?.asked_per_s ?? null,
    first_bad_per_s: phases[last + 1]?.asked_per_s ?? null,
    noisy_per_s: phases
      .slice(0, Math.max(0, last))
      .filter((phase) => !keptLimits(plan, phase))
      .map(({ asked_per_s }) => asked_per_s),
  };
}

/** The end of a sale, as its teardown reported it; absent when it did not come to that. */
function saleOf(plan: Plan, data: K6Summary, refused: number): Sale | null {
  if (!plan.sellsOut || data.metrics[metricNames.sold] === undefined) return null;
  const stock = plan.settings.stock ?? 0;
  const sold = measured(data, metricNames.sold, 'value');
  const rejected = measured(data, metricNames.rejected, 'value');
  return { stock, sold, refused: refused + rejected, oversold: Math.max(0, sold - stock) };
}

function thresholdResults(data: K6Summary): Threshold[] {
  return Object.entries(data.metrics)
    .flatMap(([metric, { thresholds }]) =>
      Object.entries(thresholds ?? {}).map(([expression, { ok }]) => ({ metric, expression, ok })),
    )
    .filter(({ expression }) => !isKeeper(expression))
    .sort((a, b) => a.metric.localeCompare(b.metric));
}

function byCode(data: K6Summary, outcome: Outcome): ByCode {
  const counts: ByCode = {};
  for (const code of failureCodes) {
    const count = measured(data, selectors.code(outcome, code), 'count');
    if (count > 0) counts[code] = count;
  }
  return counts;
}

function latencyOf(data: K6Summary, metric: string): Latency {
  return {
    count: measured(data, metric, 'count'),
    p50_ms: rounded(measured(data, metric, 'med')),
    p95_ms: rounded(measured(data, metric, 'p(95)')),
    p99_ms: rounded(measured(data, metric, 'p(99)')),
    max_ms: rounded(measured(data, metric, 'max')),
  };
}

/** A value of a metric; 0 when nothing was measured. */
function measured(data: K6Summary, metric: string, value: string): number {
  return data.metrics[metric]?.values[value] ?? 0;
}

/** With one decimal. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
