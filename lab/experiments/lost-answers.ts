/** An order is placed, and its answer gets lost on the way back. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutRepeats } from './without.ts';

const load = { rate: 10, repeats: 5 };

/** Six answers are lost together in 0.07 % of the orders; the audit shows that no key has two orders. */
export const lostAnswers: Experiment = {
  name: 'lost-answers',
  hypothesis:
    'When 30 % of the answers of orders get lost, buyers who repeat with the same key get their order, and only one.',
  load,
  seconds: shortPhases,
  fault: { kind: 'calls', service: 'orders', replace_answer: 503, percent: 30 },
  limits: [{ figure: 'fault.success', least: 0.97 }],
  codes: ['dependency_unavailable'],
  traces: 'whole',
  mutant: withoutRepeats(load),
};
