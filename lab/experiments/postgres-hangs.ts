/** The database accepts connections and answers nothing. */
import { requestDeadlineMs } from '@microshop/topology';
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutPoolLimit } from './without.ts';

/**
 * All three services need it, orders first: it looks for the key of every order. A statement that was sent is answered by nothing,
 * not even by its own limit, which is the server's; orders answers at the deadline. Who finds no open connection waits 3 s for one,
 * and once a request has waited for 2 s all that come are refused. So 2 s of requests that wait are followed by 3 s of refusals.
 */
export const postgresHangs: Experiment = {
  name: 'postgres-hangs',
  hypothesis:
    'When PostgreSQL hangs, every order is answered within its deadline, most are refused at once, and they are accepted again after its return.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: { kind: 'pause', part: 'postgres' },
  limits: [
    { figure: 'fault.p50_ms', most: 500 },
    // the deadline plus a tenth (I5)
    { figure: 'fault.p99_ms', most: requestDeadlineMs * 1.1 },
    { figure: 'recovery_s', most: 12 },
  ],
  codes: ['dependency_timeout', 'dependency_unavailable', 'breaker_open', 'deadline_exceeded', 'overloaded'],
  traces: 'unprovable',
  mutant: withoutPoolLimit,
};
