/** What a scenario does and what is asked of it; k6's options and the summary are both made from it. */
import { gatewayTimeoutMs } from './contract.ts';
import { mostVirtualUsers, type Settings } from './settings.ts';

/** A stretch of time at one rate. */
export interface Phase {
  /** Value of the tag `phase`. */
  readonly name: string;
  /** Orders started per second. */
  readonly rate: number;
  readonly seconds: number;
}

/** What must hold for a run to pass. */
export interface Limits {
  /** Time to answer an order, milliseconds. */
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Largest share of orders that may fail, 0 to 1. */
  readonly failureShare: number;
}

/** A scenario, ready to be run. */
export interface Plan {
  /** Its name: that of its file, and the value of the tag `testid`. */
  readonly scenario: string;
  readonly settings: Settings;
  /** One after the other. */
  readonly phases: readonly Phase[];
  /** Names of the phases the limits are about. */
  readonly judged: readonly string[];
  readonly limits: Limits;
  /** Whether the phases are the steps of a ramp that looks for the knee. */
  readonly ramp: boolean;
  /** Whether an order may be refused because the stock is sold. */
  readonly sellsOut: boolean;
}

/** Time to wait for an answer, seconds: far over the gateway's limit, so that only a lost answer is given up. */
export const requestTimeoutSeconds = 10;

/** Longest time an order is followed, seconds. */
export const followSeconds = 15;

/** Room over the gateway's limit for connecting and for k6 itself, seconds. */
const spareSeconds = 0.5;

/**
 * Virtual users a rate needs when every answer takes as long as the gateway allows (Little's law), those that follow
 * orders included. All are made before the start: k6 counts an iteration as dropped whenever it has to make one. So a
 * dropped iteration says that k6 was too slow, not that the shop was, as long as the users were not limited.
 */
export function virtualUsers(rate: number, settings: Pick<Settings, 'follow' | 'virtualUsers'>): number {
  const secondsEach = gatewayTimeoutMs / 1000 + spareSeconds + settings.follow * followSeconds;
  return settings.virtualUsers ?? Math.min(Math.ceil(rate * secondsEach), mostVirtualUsers);
}

/** Name k6 gives the phase's scenario: letters, digits, `_` and `-` only. */
export function k6ScenarioName(plan: Pick<Plan, 'scenario'>, phase: Phase): string {
  return `${plan.scenario}_${phase.name}`.replaceAll(/[^\w-]/g, '_');
}

/** Orders the plan starts at most; k6 starts one at either end of a phase. */
export function ordersOf(plan: Pick<Plan, 'phases'>): number {
  return plan.phases.reduce((sum, phase) => sum + phase.rate * phase.seconds + 1, 0);
}

/** Time the plan takes when it is not ended early, seconds. */
export function plannedSeconds(plan: Pick<Plan, 'phases'>): number {
  return plan.phases.reduce((sum, phase) => sum + phase.seconds, 0);
}

/** Steps of a ramp: equally long, up to `rate` in equal strides of at least one order per second. */
export function rampSteps(rate: number, seconds: number, steps: number): readonly Phase[] {
  const count = Math.max(1, Math.min(steps, rate, seconds));
  const length = Math.floor(seconds / count);
  return Array.from({ length: count }, (_, index) => {
    const stepRate = Math.round((rate * (index + 1)) / count);
    return { name: `${stepRate}_per_s`, rate: stepRate, seconds: length };
  });
}
