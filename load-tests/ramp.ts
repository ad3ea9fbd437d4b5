/**
 * Looks for the knee: eight steps of 15 s up to RATE (120 orders per second). The knee is where a step breaks the limits on
 * time or failures; only the first step has to keep them.
 *
 *     k6 run -e RATE=300 load-tests/ramp.ts
 */
import { defaultLatencyLimits } from './src/limits.ts';
import { rampSteps } from './src/plan.ts';
import { createScript } from './src/scenario.ts';
import { readSettings } from './src/settings.ts';

const settings = readSettings(__ENV, {
  rate: 120,
  seconds: 120,
  products: 10,
  stock: undefined,
  follow: 0,
  ...defaultLatencyLimits,
});

const phases = rampSteps(settings.rate, settings.seconds, 8);

const script = createScript({
  scenario: 'ramp',
  settings,
  phases,
  judged: phases.slice(0, 1).map(({ name }) => name),
  limits: { p95Ms: settings.p95Ms, p99Ms: settings.p99Ms, failureShare: 0.01 },
  ramp: true,
  sellsOut: false,
});

export const { options, setup, handleSummary } = script;
export default script.iteration;
