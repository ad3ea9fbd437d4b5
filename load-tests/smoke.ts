/**
 * A few orders, to see that everything is there: 5 per second for 10 s. No order may fail, every one is followed to its end.
 *
 *     k6 run load-tests/smoke.ts
 */
import { defaultLatencyLimits } from './src/limits.ts';
import { createScript } from './src/scenario.ts';
import { readSettings } from './src/settings.ts';

const settings = readSettings(__ENV, {
  rate: 5,
  seconds: 10,
  products: 3,
  stock: undefined,
  follow: 1,
  ...defaultLatencyLimits,
});

const script = createScript({
  scenario: 'smoke',
  settings,
  phases: [{ name: 'measure', rate: settings.rate, seconds: settings.seconds }],
  judged: ['measure'],
  limits: { p95Ms: settings.p95Ms, p99Ms: settings.p99Ms, failureShare: 0 },
  ramp: false,
  sellsOut: false,
});

export const { options, setup, handleSummary } = script;
export default script.iteration;
