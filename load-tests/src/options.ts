/** k6's options for a plan. */
import type { Options, Scenario } from 'k6/options';
import { thresholdsOf } from './metrics.ts';
import { followSeconds, k6ScenarioName, type Plan, requestTimeoutSeconds, virtualUsers } from './plan.ts';

/** Time an iteration may still take when its phase is over, seconds: its request times out, or its order is followed. */
function gracefulStopSeconds(follow: number): number {
  return requestTimeoutSeconds + (follow > 0 ? followSeconds : 0);
}

/** Options of a run: an open model, so that a slow shop is not asked more slowly. */
export function optionsOf(plan: Plan): Options {
  return {
    scenarios: scenariosOf(plan),
    thresholds: thresholdsOf(plan),
    // `url` would hold the ids of orders: a time series for each
    systemTags: ['status', 'method', 'name', 'scenario', 'expected_response', 'group', 'check', 'error_code'],
    tags: { testid: plan.scenario },
    summaryTrendStats: ['count', 'avg', 'med', 'p(95)', 'p(99)', 'max'],
    setupTimeout: '60s',
    teardownTimeout: '60s',
  };
}

function scenariosOf(plan: Plan): Record<string, Scenario> {
  const scenarios: Record<string, Scenario> = {};
  let start = 0;
  for (const phase of plan.phases) {
    const users = virtualUsers(phase.rate, plan.settings);
    scenarios[k6ScenarioName(plan, phase)] = {
      executor: 'constant-arrival-rate',
      startTime: `${start}s`,
      duration: `${phase.seconds}s`,
      rate: phase.rate,
      timeUnit: '1s',
      preAllocatedVUs: users,
      maxVUs: users,
      gracefulStop: `${gracefulStopSeconds(plan.settings.follow)}s`,
      tags: { phase: phase.name },
    };
    start += phase.seconds;
  }
  return scenarios;
}
