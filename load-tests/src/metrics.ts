/** Names of what a run measures, as k6 and its thresholds write them. */
import { type FailureCode, failureCodes } from './contract.ts';
import { k6ScenarioName, type Phase, type Plan } from './plan.ts';

/** Value of the tag `name` of requests: their address would make a time series per order. */
export const requestNames = { place: 'place_order', read: 'read_order', check: 'check_sale' } as const;

/** Metrics of our own. */
export const metricNames = {
  /** Counter of orders sent, tagged `outcome` and, unless accepted, `code`. */
  orders: 'orders',
  /** Trend of the time from sending an order to seeing it `CONFIRMED` or `REJECTED`, milliseconds. */
  completion: 'order_completion',
  /** Gauges of a sale, when its orders have ended: `CONFIRMED` and `REJECTED` ones. */
  sold: 'sale_sold',
  rejected: 'sale_rejected',
  /** Counter of what a run needs and could not make, tagged `code`. */
  setupFailures: 'setup_failures',
} as const;

/** Outcomes of sending an order. `refused`: the answer a scenario expects when the stock is sold. */
export const outcomes = ['accepted', 'refused', 'failed'] as const;

/** Outcome of sending an order. */
export type Outcome = (typeof outcomes)[number];

/** Metrics that are looked at in the end. */
export const selectors = {
  latency: (phase: string) => `http_req_duration{name:${requestNames.place},phase:${phase}}`,
  failures: (phase: string) => `http_req_failed{name:${requestNames.place},phase:${phase}}`,
  sent: (phase: string) => `${metricNames.orders}{phase:${phase}}`,
  outcome: (outcome: Outcome) => `${metricNames.orders}{outcome:${outcome}}`,
  code: (outcome: Outcome, code: FailureCode) => `${metricNames.orders}{code:${code},outcome:${outcome}}`,
  setupFailure: (code: FailureCode) => `${metricNames.setupFailures}{code:${code}}`,
  /** k6 gives dropped iterations no tags but the name of the scenario. */
  dropped: (plan: Plan, phase: Phase) => `dropped_iterations{scenario:${k6ScenarioName(plan, phase)}}`,
  teardownChecks: 'checks{group:::teardown}',
} as const;

/**
 * Thresholds of a plan, by metric. k6 keeps a tagged part of a metric only when a threshold is about it; those that
 * always hold are there for that.
 */
export function thresholdsOf(plan: Plan): Record<string, string[]> {
  const thresholds: Record<string, string[]> = { checks: ['rate>=0'] };
  for (const phase of plan.phases) {
    thresholds[selectors.latency(phase.name)] = ['max>=0'];
    thresholds[selectors.failures(phase.name)] = ['rate>=0'];
    thresholds[selectors.sent(phase.name)] = ['count>=0'];
    thresholds[selectors.dropped(plan, phase)] = ['count>=0'];
  }
  for (const code of failureCodes) thresholds[selectors.setupFailure(code)] = ['count>=0'];
  for (const outcome of outcomes) {
    thresholds[selectors.outcome(outcome)] = ['count>=0'];
    if (outcome === 'accepted') continue;
    for (const code of failureCodes) thresholds[selectors.code(outcome, code)] = ['count>=0'];
  }
  const { p95Ms, p99Ms, failureShare } = plan.limits;
  for (const name of plan.judged) {
    thresholds[selectors.latency(name)] = [`p(95)<=${p95Ms}`, `p(99)<=${p99Ms}`];
    thresholds[selectors.failures(name)] = [`rate<=${failureShare}`];
  }
  // a ramp goes past the knee on purpose: orders fail there
  if (!plan.ramp) {
    thresholds['checks'] = [`rate>=${1 - failureShare}`];
    thresholds['dropped_iterations'] = ['count==0'];
  }
  if (plan.sellsOut) thresholds[selectors.teardownChecks] = ['rate==1'];
  return thresholds;
}

/** True for a threshold that is only there to keep a tagged part of a metric. */
export function isKeeper(expression: string): boolean {
  return expression.endsWith('>=0');
}
