/** A service dies and is started again. */
import { edgeBetween } from '@microshop/topology';
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';

/** The audit shows that every acknowledged order ends: its event waits in the queue until products consumes again. */
export const productsKilled: Experiment = {
  name: 'products-killed',
  hypothesis:
    'When products is killed, every acknowledged order still ends, and orders are accepted again within 10 s of its return.',
  load: { rate: 10, repeats: 3 },
  seconds: shortPhases,
  fault: { kind: 'kill', part: 'products' },
  limits: [
    { figure: 'recovery_s', most: 10 },
    { figure: 'accepted', least: 150 },
  ],
  codes: ['dependency_timeout', 'dependency_unavailable', 'breaker_open'],
  traces: 'unprovable',
  mutant: {
    without: 'patience of the breaker: it opens at 5 % of failures and stays open for a minute',
    policies: [
      {
        edge: edgeBetween('orders', 'products'),
        change: { breaker_error_percent: 5, breaker_reset_ms: 60_000 },
      },
    ],
  },
};
