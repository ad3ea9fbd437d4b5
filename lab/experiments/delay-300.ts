/** A service becomes slow, and stays within the time of one attempt. */
import { edgeBetween } from '@microshop/topology';
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';

/** An attempt may take 0.9 s, so no call is sent a second time. */
export const delay300: Experiment = {
  name: 'delay-300',
  hypothesis:
    'When products answers 300 ms later, orders only take that much longer: none fails, no call is retried.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: { kind: 'calls', service: 'products', delay_ms: 300 },
  limits: [
    { figure: 'fault.success', least: 0.99 },
    // the slowest healthy control run, plus the delay
    { figure: 'fault.p95_ms', most: 1200 },
    { figure: 'fault.amplification', most: 1.1 },
  ],
  codes: [],
  traces: 'whole',
  mutant: {
    without: 'patience: an attempt from orders at products may take 290 ms',
    policies: [{ edge: edgeBetween('orders', 'products'), change: { per_try_timeout_ms: 290 } }],
  },
};
