/** The cache is gone: nothing accepts connections at its port. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutCacheLimit } from './without.ts';

/** Products reads from its database what the cache does not give in time. */
export const redisDown: Experiment = {
  name: 'redis-down',
  hypothesis: 'When Redis is down, no order fails: the cache only saves time.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: { kind: 'down', part: 'redis' },
  limits: [
    { figure: 'fault.success', least: 0.99 },
    { figure: 'fault.p95_ms', most: 900 },
    { figure: 'heal.success', least: 0.99 },
  ],
  codes: [],
  traces: 'whole',
  mutant: withoutCacheLimit,
};
