/** Every part is ended in order and started again, one after the other, as an update of all of them would do. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutRepeats } from './without.ts';

const load = { rate: 10, repeats: 10, repeat_after_ms: 2500 };

/**
 * Each part has one process, so while it is restarted its work waits: buyers repeat with their key. Who repeats has patience for 25
 * s: a part is down for some seconds, and a breaker may then be open for 5 s, and a second time.
 */
export const rollingRestart: Experiment = {
  name: 'rolling-restart',
  hypothesis:
    'When every part is restarted in turn, buyers who repeat with the same key get their order, and only one.',
  load,
  // the fault lasts until the last part is healthy again, about half a minute
  seconds: shortPhases,
  fault: {
    kind: 'restarts',
    parts: [
      'prometheus',
      'jaeger',
      'redis',
      'rabbitmq',
      'postgres',
      'users',
      'users-sidecar',
      'products',
      'products-sidecar',
      'orders',
      'orders-sidecar',
      'gateway',
      'control',
    ],
  },
  limits: [
    { figure: 'fault.success', least: 0.97 },
    { figure: 'recovery_s', most: 10 },
  ],
  codes: [
    'dependency_unavailable',
    'dependency_timeout',
    'deadline_exceeded',
    'breaker_open',
    'no_answer',
    'overloaded',
  ],
  traces: 'unprovable',
  mutant: withoutRepeats(load),
};
