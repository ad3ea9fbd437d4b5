/** One replica of three fails every call, and says that it is well: its readiness is not what leaves it out. */
import { edgeBetween } from '@microshop/topology';
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';

/**
 * Five failures, 5 s without it, five failures, 10 s without it: about 10 of the 100 buyers of a short fault. With nothing left
 * out every third buyer is one of them. An aborted POST is not sent to another replica: it may have taken effect.
 */
export const sickReplica: Experiment = {
  name: 'sick-replica',
  replicas: { orders: 3 },
  hypothesis:
    'When one of three replicas of orders fails every call, the gateway leaves it out after five in a row: at least 80 of 100 buyers get their order, not 67.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: { kind: 'calls', service: 'orders', abort: 503, replica: 2 },
  limits: [
    { figure: 'fault.success', least: 0.8 },
    { figure: 'fault.p95_ms', most: 900 },
    { figure: 'heal.success', least: 0.95 },
  ],
  codes: ['dependency_unavailable'],
  traces: 'whole',
  mutant: {
    without: 'outlier detection: no replica is left out',
    policies: [{ edge: edgeBetween('gateway', 'orders'), change: { max_ejection_percent: 0 } }],
  },
};
