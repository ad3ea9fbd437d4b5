/** A service that answers at once and then does not get on: the head is there, the body trickles. */
import { requestDeadlineMs } from '@microshop/topology';
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutBreaker } from './without.ts';

/**
 * An answer of 4 KB takes 4 s at 1 KiB per second, and the app's own limit of the call ends it (`edgePolicy.breaker.timeoutMs`; without
 * a breaker half of the orders took 3.2 s). No attempt is repeated: what has begun to be answered is not. The breaker counts it as failed all the same, and opens after 20 of them, which are there 5 s
 * after the fault began.
 */
export const slowAnswers: Experiment = {
  name: 'slow-answers',
  hypothesis:
    'When the bodies of answers of products come at 1 KiB per second, every order is answered within its deadline, and most at once: the breaker is open.',
  load: { rate: 10, description_bytes: 4000 },
  seconds: { ...shortPhases, fault: 15 },
  fault: { kind: 'calls', service: 'products', slow_answer: 1, from: 'orders' },
  limits: [
    { figure: 'fault.p99_ms', most: requestDeadlineMs },
    { figure: 'fault.p50_ms', most: 500 },
    { figure: 'recovery_s', most: 12 },
  ],
  codes: ['dependency_timeout', 'dependency_unavailable', 'breaker_open'],
  traces: 'whole',
  mutant: withoutBreaker,
};
