/** One replica of three is down: its sidecar still accepts calls, and has no app to hand them to. */
import { edgeBetween } from '@microshop/topology';
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';

/** The sidecar marks what no app has seen, so that the gateway may send even a POST to another replica. */
export const sickReplica: Experiment = {
  name: 'sick-replica',
  replicas: { orders: 3 },
  hypothesis:
    'When one of three replicas of orders is down, no buyer notices: the gateway asks another one, and leaves it out after five failures.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: { kind: 'down', part: 'orders-2' },
  limits: [
    { figure: 'fault.success', least: 0.99 },
    { figure: 'fault.p95_ms', most: 900 },
    { figure: 'heal.success', least: 0.99 },
  ],
  codes: [],
  traces: 'unprovable',
  mutant: {
    without: 'the second attempt of the gateway',
    policies: [{ edge: edgeBetween('gateway', 'orders'), change: { tries: 1 } }],
  },
};
