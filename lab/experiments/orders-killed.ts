/** A service dies after the commit of an order, before its event has left. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutRepeats } from './without.ts';

const load = { rate: 10, repeats: 10, repeat_after_ms: 700 };

/** The events are in the outbox by then; the audit shows that every acknowledged order ends. */
export const ordersKilled: Experiment = {
  name: 'orders-killed',
  hypothesis:
    'When orders is killed with events that the broker has not got, all of them leave after its return, and buyers who repeat with the same key get their order.',
  load,
  seconds: shortPhases,
  fault: { kind: 'kill', part: 'orders', holding: 'events' },
  limits: [
    { figure: 'fault.success', least: 0.97 },
    { figure: 'dead_letters', most: 0 },
  ],
  codes: ['dependency_unavailable', 'deadline_exceeded', 'no_answer'],
  traces: 'unprovable',
  mutant: withoutRepeats(load),
};
