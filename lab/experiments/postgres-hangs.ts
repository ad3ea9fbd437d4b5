/** The database accepts connections and answers nothing. */
import { edgeBetween, gatewayPolicy } from '@microshop/topology';
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';

/**
 * All three services need it. What it has in hand when it stops is ended by the gateway, after 4 s and not 3.5 s: a write
 * already sent is not cancelled. That is one request in a hundred of the whole run at most; what comes later is refused at once.
 */
export const postgresHangs: Experiment = {
  name: 'postgres-hangs',
  hypothesis:
    'When PostgreSQL hangs, most orders are refused at once, none waits longer than 4 s, and they are accepted again within 12 s of its return.',
  load: { rate: 10 },
  seconds: { ...shortPhases, heal: 30 },
  fault: { kind: 'pause', part: 'postgres' },
  limits: [
    { figure: 'fault.p50_ms', most: 900 },
    { figure: 'fault.p99_ms', most: gatewayPolicy.timeoutMs * 1.1 },
    { figure: 'recovery_s', most: 12 },
    { figure: 'accepted', least: 300 },
  ],
  codes: ['dependency_timeout', 'dependency_unavailable', 'breaker_open', 'deadline_exceeded', 'overloaded'],
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
