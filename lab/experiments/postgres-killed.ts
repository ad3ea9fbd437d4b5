/** The database dies in the middle of commits: they are made, and nobody has an answer. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutRepeats } from './without.ts';

const load = { rate: 10, repeats: 10, repeat_after_ms: 700 };

/** A buyer who repeats finds the order by its key; the audit shows that no key has two. */
export const postgresKilled: Experiment = {
  name: 'postgres-killed',
  hypothesis:
    'When PostgreSQL is killed between commits and their acknowledgement, buyers who repeat with the same key get their order, and only one.',
  load,
  seconds: shortPhases,
  fault: { kind: 'kill', part: 'postgres', holding: 'commits' },
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
  traces: 'whole',
  mutant: withoutRepeats(load),
};
