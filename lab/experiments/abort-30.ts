/** Three calls of ten fail: the retries of one layer hide nearly all of it. */
import { edgeBetween } from '@microshop/topology';
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';

/** Three attempts fail together in 2.7 % of the calls; the retry budget refuses a few further ones. */
export const abort30: Experiment = {
  name: 'abort-30',
  hypothesis:
    'When products fails 30 % of the calls, retries in the sidecar of orders keep 90 % of the buyers served.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: { kind: 'calls', service: 'products', abort: 503, percent: 30 },
  limits: [
    { figure: 'fault.success', least: 0.9 },
    // 1 + 0.3 + 0.09 on average
    { figure: 'fault.amplification', most: 1.7 },
    { figure: 'heal.success', least: 0.99 },
  ],
  codes: ['dependency_unavailable'],
  traces: 'whole',
  mutant: {
    without: 'retries: one attempt per call from orders to products',
    policies: [{ edge: edgeBetween('orders', 'products'), change: { tries: 1 } }],
  },
};
