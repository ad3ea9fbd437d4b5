/** Messages that nobody can handle lie among good ones. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutDeadLetters } from './without.ts';

/** Each is put aside at once; the run removes its dead letters at its end. */
export const poison: Experiment = {
  name: 'poison',
  hypothesis:
    'When 4 messages per second cannot be handled, each becomes a dead letter, and every order ends as before.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: { kind: 'poison', poison: 'missing-field', to: 'products', every_ms: 250 },
  limits: [
    { figure: 'fault.success', least: 0.99 },
    { figure: 'messages_left', most: 0 },
  ],
  codes: [],
  traces: 'whole',
  mutant: withoutDeadLetters,
};
