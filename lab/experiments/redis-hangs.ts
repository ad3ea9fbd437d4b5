/** The cache accepts connections and answers nothing. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutCacheLimit } from './without.ts';

/** Products reads from its database what the cache does not give in time. */
export const redisHangs: Experiment = {
  name: 'redis-hangs',
  hypothesis: 'When Redis hangs, no order fails: the cache only saves time.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: { kind: 'pause', part: 'redis' },
  limits: [
    { figure: 'fault.success', least: 0.99 },
    { figure: 'fault.p95_ms', most: 900 },
  ],
  codes: [],
  traces: 'whole',
  mutant: withoutCacheLimit,
};
