/**
 * The same load all the time: 20 orders per second for 60 s, after 10 s of warm-up that nothing is judged by. At most 1 % may
 * fail.
 *
 *     k6 run -e RATE=40 -e DURATION=2m load-tests/steady.ts
 */
import { defaultLatencyLimits } from './src/limits.ts';
import { createScript } from './src/scenario.ts';
import { readSettings } from './src/settings.ts';

const settings = readSettings(__ENV, {
  rate: 20,
  seconds: 60,
  products: 10,
  stock: undefined,
  follow: 0.1,
  ...defaultLatencyLimits,
});

/** Long enough for compiled code, filled pools and a warm cache, seconds. */
const warmUpSeconds = 10;

const script = createScript({
  scenario: 'steady',
  settings,
  phases: [
    { name: 'warm_up', rate: settings.rate, seconds: warmUpSeconds },
    { name: 'measure', rate: settings.rate, seconds: settings.seconds },
  ],
  judged: ['measure'],
  limits: { p95Ms: settings.p95Ms, p99Ms: settings.p99Ms, failureShare: 0.01 },
  ramp: false,
  sellsOut: false,
});

export const { options, setup, handleSummary } = script;
export default script.iteration;
