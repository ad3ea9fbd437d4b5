/** The database refuses writes for 20 s, as in a failover: sessions end, reads go on. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutRepeats } from './without.ts';

const load = { rate: 5, repeats: 10, repeat_after_ms: 2500 };

/** Who repeats has patience for 25 s, longer than a failover takes; the audit shows that no key has two orders and that every order ends. */
export const postgresReadOnly: Experiment = {
  name: 'postgres-read-only',
  hypothesis:
    'When PostgreSQL refuses writes, orders are refused at once and no event is put aside; buyers who repeat with the same key get their order when it takes them again.',
  load,
  seconds: { ...shortPhases, fault: 20 },
  same_fault_in_full: true,
  fault: { kind: 'read-only', part: 'postgres' },
  limits: [
    { figure: 'fault.success', least: 0.97 },
    { figure: 'fault.p95_ms', most: 900 },
    { figure: 'recovery_s', most: 5 },
    { figure: 'dead_letters', most: 0 },
  ],
  codes: ['dependency_unavailable'],
  traces: 'whole',
  mutant: withoutRepeats(load),
};
