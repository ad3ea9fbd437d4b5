/** All calls of a service fail: whoever calls it must not make that worse. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutBreaker } from './without.ts';

/** Without a breaker each order makes three attempts at products and one at users. */
export const abort100: Experiment = {
  name: 'abort-100',
  hypothesis:
    'When products fails all calls, the breaker keeps most away: fewer than 2.6 attempts per order reach users and products.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: { kind: 'calls', service: 'products', abort: 503 },
  limits: [
    { figure: 'fault.attempts_per_order', most: 2.6 },
    { figure: 'recovery_s', most: 12 },
  ],
  codes: ['dependency_unavailable', 'breaker_open'],
  traces: 'whole',
  mutant: withoutBreaker,
};
