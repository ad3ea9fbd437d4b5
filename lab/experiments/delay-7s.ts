/** A service becomes so slow that nobody can wait for it. */
import { requestDeadlineMs } from '@microshop/topology';
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutBreaker } from './without.ts';

/** Each order waits for three attempts of 0.9 s, until so many have failed that the breaker opens, after about 5 s. */
export const delay7s: Experiment = {
  name: 'delay-7s',
  hypothesis:
    'When products answers 7 s later, every order is answered within its deadline, and most at once: the breaker is open.',
  load: { rate: 10 },
  seconds: { ...shortPhases, fault: 15 },
  fault: { kind: 'calls', service: 'products', delay_ms: 7000 },
  limits: [
    { figure: 'fault.p99_ms', most: requestDeadlineMs },
    { figure: 'fault.p50_ms', most: 500 },
    { figure: 'recovery_s', most: 12 },
  ],
  codes: ['dependency_timeout', 'breaker_open'],
  traces: 'whole',
  mutant: withoutBreaker,
};
